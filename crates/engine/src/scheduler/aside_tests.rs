//! Lanes that are set aside.

use super::{
    aside::Recall,
    further_tests::at_once,
    learned_tests::{reach, take_down},
    tests::{begin_all, end, job, refused, to},
    *,
};
use model::delivery::DeliveryState;
use std::collections::BTreeMap;

/// What a delivery calls, by whether its row number is odd.
const HOSTS: [&str; 2] = ["slow.example", "quick.example"];
/// How many of a flow are in memory before some of them are set aside.
const QUARTER: usize = 1_000;

/// A flow that calls two, of which one takes a single request at once, and what is unfinished of it.
struct HalfSlow {
    scheduler: Scheduler,
    /// By row number, which call each is of.
    database: BTreeMap<i64, i64>,
    /// What runs at the slow one.
    running: Vec<(Job, Target)>,
}

impl HalfSlow {
    /// So many have come, each of a call of its own; half of them wait for the slow one.
    fn of(many: i64) -> Self {
        let (database, running) = (BTreeMap::new(), Vec::new());
        let mut one = Self { scheduler: Scheduler::default(), database, running };
        one.scheduler.set([at_once(HOSTS[0], 1)].into(), 1);
        // That it calls several has been seen.
        one.scheduler.add(job(-3, -3));
        one.scheduler.add(job(-2, -2));
        reach(&mut one.scheduler, &HOSTS, 1);
        for seq in 0..many {
            one.add(seq, 1_000 + seq);
        }
        one
    }

    fn add(&mut self, seq: i64, call: i64) -> bool {
        self.database.insert(seq, call);
        let added = self.scheduler.add(job(seq, call));
        self.begin();
        added
    }

    /// Begins what may: what goes to the quick one ends.
    fn begin(&mut self) {
        let mut begun = begin_all(&mut self.scheduler, 1);
        while let Some((mut job, at)) = begun.pop() {
            let called = to(HOSTS[job.seq as usize % 2]);
            let goes = |scheduler: &mut Scheduler| {
                scheduler.go_on(&at, &called, &[], Millis(1), 0.0).is_some()
            };
            if at != called && !goes(&mut self.scheduler) {
                self.scheduler.left(&at, &job, Some(called.clone()), &[], Millis(1), 0.0);
                job.target = Some(called);
                if !self.scheduler.set_aside(&job) {
                    self.scheduler.again(job);
                }
            } else if called == to(HOSTS[0]) {
                self.running.push((job, called));
            } else {
                self.database.remove(&job.seq);
                end(&mut self.scheduler, (job, called), Heard::Good, 1);
            }
            begun.extend(begin_all(&mut self.scheduler, 1));
        }
    }

    /// Ends what runs at the slow one; which it was.
    fn end(&mut self) -> i64 {
        let one = self.running.remove(0);
        let seq = one.0.seq;
        self.database.remove(&seq);
        end(&mut self.scheduler, one, Heard::Good, 1);
        self.begin();
        seq
    }

    fn answer(&mut self, read: &Recall) {
        let mut seqs = read.seqs.clone();
        seqs.sort_unstable();
        let found = seqs.iter().filter_map(|seq| Some(job(*seq, *self.database.get(seq)?)));
        self.scheduler.come_back(read.number, found.collect());
        self.begin();
    }

    /// Lets the slow one take all that is left; in which order.
    fn end_all(&mut self) -> Vec<i64> {
        let mut order = Vec::new();
        loop {
            if !self.running.is_empty() {
                order.push(self.end());
            }
            match self.scheduler.recall(256) {
                Some(read) => self.answer(&read),
                None if self.running.is_empty() => return order,
                None => {}
            }
        }
    }

    /// Lets the slow one take some, until this one is being read; by what.
    fn end_until_read(&mut self, seq: i64) -> Recall {
        loop {
            self.end();
            match self.scheduler.recall(256) {
                Some(read) if read.seqs.contains(&seq) => return read,
                Some(read) => self.answer(&read),
                None => {}
            }
        }
    }

    /// Calls one off.
    fn call_off(&mut self, seq: i64) {
        let id = job(seq, 0).id;
        self.scheduler.take(|other| other.id == id);
        self.database.remove(&seq);
    }

    fn in_memory(&self) -> usize {
        in_memory(&self.scheduler)
    }
}

fn to_key(target: &Target) -> DestinationKey {
    let Target::Destination(key) = target else { panic!("{target:?}") };
    key.clone()
}

fn in_memory(scheduler: &Scheduler) -> usize {
    scheduler.len_of(FlowId(1))[Priority::Normal as usize]
}

fn waiting(scheduler: &Scheduler) -> u64 {
    scheduler.views(|_| 0, Millis(1)).iter().map(|view| view.waiting).sum()
}

#[test]
fn before_one_that_is_down_a_quarter_of_what_has_room_stays_in_memory() {
    let mut scheduler = Scheduler::default();
    take_down(&mut scheduler, HOSTS[0]);
    for seq in 1..=3_000 {
        assert!(scheduler.add(job(seq, 1_000 + seq)));
        reach(&mut scheduler, &HOSTS, 1);
    }
    assert_eq!(in_memory(&scheduler), QUARTER);
    assert_eq!(waiting(&scheduler), 1_500, "wherever they are");
    assert_eq!(scheduler.recall(256), None, "enough are there");
    scheduler.clear();
    assert_eq!((waiting(&scheduler), scheduler.recall(256)), (0, None));
    assert!(scheduler.add(job(3_000, 4_000)));
}

#[test]
fn what_rests_before_another_than_its_flow_calls_first_is_counted_there_and_set_aside() {
    let (mut scheduler, first, second) = (Scheduler::default(), to(HOSTS[1]), to(HOSTS[0]));
    let down: Vec<_> = (0..20).map(|_| (to_key(&second), refused())).collect();
    for seq in 0..=3_000 {
        scheduler.add(job(seq, 1_000 + seq));
        let (mut job, at) = begin_all(&mut scheduler, 1).remove(0);
        let heard = if seq == 0 { &down[..] } else { &[] };
        assert!(seq == 0 || scheduler.go_on(&at, &second, &[], Millis(1), 0.0).is_none());
        scheduler.left(&at, &job, Some(first.clone()), heard, Millis(1), 0.0);
        if seq == 0 {
            scheduler.done(job.lane, job.flow_id);
            continue;
        }
        (job.target, job.rests) = (Some(second.clone()), true);
        // Some of them have waited for something else before.
        job.state = if seq % 2 == 0 { DeliveryState::Waiting } else { DeliveryState::Pending };
        if !scheduler.set_aside(&job) {
            scheduler.again(job);
        }
    }
    assert_eq!(in_memory(&scheduler), QUARTER);
    let views = scheduler.views(|_| 3_010, Millis(1));
    let waiting = |at: &Target| views.iter().find(|view| to_key(at) == view.key).unwrap().waiting;
    assert_eq!((waiting(&first), waiting(&second)), (10, 3_000));
}

#[test]
fn what_waits_for_one_that_is_slow_comes_back_in_its_order_before_that_has_nothing_to_do() {
    let mut one = HalfSlow::of(6_000);
    assert_eq!((one.in_memory(), waiting(&one.scheduler)), (QUARTER, 2_999));
    let (mut order, mut least) = (Vec::new(), usize::MAX);
    while !one.running.is_empty() {
        order.push(one.end());
        if let Some(read) = one.scheduler.recall(256) {
            assert_eq!(one.scheduler.recall(256), None, "one read at a time");
            least = least.min(one.in_memory());
            assert_eq!(waiting(&one.scheduler), 2_999 - order.len() as u64);
            one.answer(&read);
        }
        assert_eq!(waiting(&one.scheduler), 2_999_u64.saturating_sub(order.len() as u64));
    }
    assert_eq!(order, (0..6_000).step_by(2).collect::<Vec<_>>());
    assert!((500..QUARTER).contains(&least), "as many come as begin: {least}");
    assert_eq!(one.scheduler.load(), Load::default());
}

#[test]
fn what_comes_later_queues_behind_what_is_set_aside() {
    let mut one = HalfSlow::of(2_200);
    for _ in 0..500 {
        one.end();
    }
    let before = one.in_memory();
    assert!(one.add(9_000, 9_000));
    assert_eq!(one.in_memory(), before, "though there is room");
    assert_eq!(one.end_all().last(), Some(&9_000));
}

#[test]
fn what_follows_in_a_lane_that_is_set_aside_comes_back_with_it_and_what_was_before_goes_on() {
    let mut one = HalfSlow::of(2_201);
    // The last for the slow one.
    let (aside, call) = (2_200, 1_000 + 2_200);
    assert!(!one.scheduler.has(aside));
    assert!(!one.add(3_000, call) && !one.add(3_001, call));
    assert!(one.add(1, call), "it stands before that");
    assert!(one.add(3_003, 1_000 + 2_199), "the other way is open");
    assert!(!one.database.contains_key(&1) && !one.database.contains_key(&3_003));
    let read = one.end_until_read(aside);
    assert_eq!(read.seqs[read.seqs.len() - 3..], [aside, 3_000, 3_001]);
    assert!(!one.add(3_004, call), "it waits for what is being read");
    one.answer(&read);
    assert!(!one.add(3_006, call), "and for what is read next");
    let order = one.end_all();
    let of_call = order.into_iter().filter(|seq| *seq >= aside);
    // What goes to the quick one is not told of.
    assert_eq!(of_call.collect::<Vec<_>>(), [aside, 3_000, 3_004, 3_006]);
    assert!(one.database.is_empty());
}

#[test]
fn where_as_much_is_set_aside_as_may_be_only_flows_of_which_some_is_take_no_more_in() {
    let mut one = HalfSlow::of(2_201);
    let (aside, call) = (2_200, 1_000 + 2_200);
    let has_room = |one: &HalfSlow, flow| one.scheduler.beside(FlowId(flow))[1] < 10_000;
    let behind = job(3_000, call);
    assert!(!one.scheduler.has(aside) && has_room(&one, 1));
    for seq in 3_000..503_000 {
        one.scheduler.add(Job { seq, ..behind.clone() });
    }
    assert_eq!((has_room(&one, 1), has_room(&one, 2)), (false, true));
    // Also where nothing but what stands behind others is aside.
    let mut one = HalfSlow::of(2_000);
    let behind = job(3_000, 1_000 + 2);
    for seq in 3_000..503_000 {
        one.scheduler.add(Job { seq, ..behind.clone() });
    }
    assert_eq!((has_room(&one, 1), has_room(&one, 2)), (false, true));
}

#[test]
fn what_waits_behind_one_that_is_set_aside_leaves_memory_with_it() {
    let mut one = HalfSlow::of(2_010);
    let before = one.in_memory();
    // They come at once, and the first of them is for the slow one.
    for seq in [4_000, 4_001, 4_002] {
        one.database.insert(seq, 7);
        assert!(one.scheduler.add(job(seq, 7)));
    }
    one.begin();
    assert_eq!(one.in_memory(), before);
    assert!(!one.scheduler.has(4_002));
    assert_eq!(one.end_all()[1_004..], [2_008, 4_000, 4_002]);
    assert!(one.database.is_empty());
}

#[test]
fn where_many_are_in_memory_what_stands_behind_them_waits_outside() {
    let mut one = HalfSlow::of(2_010);
    let before = one.in_memory();
    let second = 1_000 + 2;
    assert!(one.scheduler.has(2) && !one.add(5_000, second) && !one.add(5_001, second));
    assert_eq!(one.in_memory(), before);
    assert_eq!(one.scheduler.recall(256), None, "the first of its call is there");
    assert_eq!(one.end(), 0);
    assert_eq!((one.end(), one.running[0].0.seq), (2, 4));
    let read = one.scheduler.recall(256).unwrap();
    assert_eq!(read.seqs, [5_000, 5_001]);
    one.scheduler.unread(read.number);
    let again = one.scheduler.recall(256).unwrap();
    assert_eq!(again.seqs, read.seqs);
    one.scheduler.come_back(read.number, Vec::new());
    assert!(!one.add(5_002, second), "that was the answer to one that had failed");
    one.answer(&again);
    assert_eq!(one.end_all().last(), Some(&5_002));
    assert!(one.database.is_empty());
}

#[test]
fn where_the_first_of_a_lane_is_taken_out_the_others_wait_for_it_no_more() {
    let mut one = HalfSlow::of(2_202);
    let (aside, call) = (2_200, 1_000 + 2_200);
    one.add(3_001, call);
    one.add(3_002, call);
    let waited = waiting(&one.scheduler);
    one.call_off(aside);
    assert_eq!(waiting(&one.scheduler), waited - 1);
    let read = one.scheduler.recall(256).unwrap();
    assert_eq!(read.seqs, [3_001, 3_002]);
    // The second is taken out while it is read.
    one.scheduler.take(|other| other.id == job(3_002, 0).id);
    one.answer(&read);
    assert!(!one.database.contains_key(&3_001) && !one.scheduler.has(3_002));
    one.scheduler.take(|_| true);
    assert_eq!((one.scheduler.recall(256), waiting(&one.scheduler)), (None, 0));
    assert!(one.add(3_003, call), "nothing is kept in mind of what has left");
}

#[test]
fn what_comes_while_all_before_it_is_read_in_vain_is_read_next() {
    let mut one = HalfSlow::of(2_202);
    let (aside, call) = (2_200, 1_000 + 2_200);
    let read = one.end_until_read(aside);
    assert!(!one.add(3_001, call));
    one.call_off(aside);
    one.answer(&read);
    assert!(one.scheduler.recall(256).unwrap().seqs.contains(&3_001));
}

#[test]
fn many_that_are_slow_leave_half_of_the_room_together() {
    let hosts: Vec<String> = (0..100).map(|host| format!("slow-{host}.example")).collect();
    let mut scheduler = Scheduler::default();
    scheduler.set(hosts.iter().map(|host| at_once(host, 1)).collect(), 1);
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    for seq in [-2, -1] {
        scheduler.add(job(seq, seq));
        reach(&mut scheduler, &HOSTS, 1);
    }
    for seq in 0..20_000 {
        scheduler.add(job(seq, 1_000 + seq));
        for (mut job, at) in begin_all(&mut scheduler, 1) {
            let called = to(hosts[job.seq as usize % hosts.len()]);
            if scheduler.go_on(&at, &called, &[], Millis(1), 0.0).is_none() {
                scheduler.left(&at, &job, Some(called.clone()), &[], Millis(1), 0.0);
                job.target = Some(called);
                if !scheduler.set_aside(&job) {
                    scheduler.again(job);
                }
            }
        }
    }
    assert_eq!(waiting(&scheduler), 19_900);
    assert!(in_memory(&scheduler) < 2_000, "{} are in memory", in_memory(&scheduler));
}

#[test]
fn a_flow_that_calls_one_alone_is_not_set_aside() {
    let mut scheduler = Scheduler::default();
    take_down(&mut scheduler, HOSTS[0]);
    for seq in 1..=1_500 {
        assert!(scheduler.add(job(seq, 1_000 + seq)));
        reach(&mut scheduler, &HOSTS[..1], 1);
    }
    assert_eq!(scheduler.len_of(FlowId(1)), [0, 1_500, 0]);
    // Nor before its second request, or new ones would go first for ever.
    let again = Job { rests: true, target: Some(to(HOSTS[0])), ..job(9_999, 9_999) };
    scheduler.add(again.clone());
    assert!(!scheduler.set_aside(&again));
}

#[test]
fn what_is_set_aside_comes_back_though_others_of_its_flow_wait_there_without_end() {
    let mut one = HalfSlow::of(2_400);
    let aside = *one.database.keys().next_back().unwrap() - 1;
    assert!(!one.scheduler.has(aside));
    // Its newest version calls the slow one alone, and much more of it comes than that takes.
    let of_version_2 = |seq| Job { flow_version: 2, target: Some(to(HOSTS[0])), ..job(seq, seq) };
    let mut waited = 0;
    for seq in (10_000..60_000).step_by(2) {
        one.scheduler.add(of_version_2(seq));
        one.end();
        if let Some(read) = one.scheduler.recall(256) {
            one.answer(&read);
        }
        if !one.database.contains_key(&aside) {
            break;
        }
        waited += 1;
    }
    assert!(waited < 5_000, "{waited} have begun before it");
}
