use super::{
    tests::{begin_all, end, job, to, to_host},
    *,
};

/// How many of these are at this host.
fn at(begun: &[(Job, Target)], host: &str) -> usize {
    begun.iter().filter(|(_, target)| *target == to(host)).count()
}

/// Many deliveries for each of three hosts, with so many slots; what begins.
fn three_slow(scheduler: &mut Scheduler, slots: usize) -> Vec<(Job, Target)> {
    scheduler.share(slots);
    for seq in 0..300 {
        scheduler.add(to_host(seq, ["a.slow", "b.slow", "c.slow"][(seq % 3) as usize]));
    }
    begin_all(scheduler, 0)
}

#[test]
fn many_slow_destinations_leave_some_slots_to_a_fast_one() {
    let mut scheduler = Scheduler::default();
    let mut slow = three_slow(&mut scheduler, 64);
    assert_eq!(slow.len(), 56);
    assert!(["a.slow", "b.slow", "c.slow"].iter().all(|host| at(&slow, host) >= 16));
    for round in 0..20 {
        for seq in 0..8 {
            scheduler.add(to_host(1_000 + 8 * round + seq, "fast"));
        }
        let fast = begin_all(&mut scheduler, 0);
        assert_eq!((fast.len(), at(&fast, "fast")), (8, 8), "round {round}");
        fast.into_iter().for_each(|one| end(&mut scheduler, one, Heard::Good, 0));
    }
    // A slot that becomes free is for whoever waits.
    end(&mut scheduler, slow.remove(0), Heard::Good, 1);
    assert_eq!(begin_all(&mut scheduler, 1).len(), 1);
}

#[test]
fn what_calls_nobody_leaves_some_slots_as_well() {
    let mut scheduler = Scheduler::default();
    scheduler.share(64);
    for seq in 0..200 {
        scheduler.add(Job { target: Some(Target::Nobody), ..job(seq, seq) });
    }
    assert_eq!(begin_all(&mut scheduler, 0).len(), 56);
    scheduler.add(to_host(1_000, "fast"));
    assert_eq!(at(&begin_all(&mut scheduler, 0), "fast"), 1);
}

#[test]
fn what_goes_on_to_slow_ones_leaves_some_slots_as_well() {
    let mut scheduler = Scheduler::default();
    scheduler.share(64);
    for seq in 0..200 {
        scheduler.add(Job { target: Some(Target::Nobody), ..job(seq, seq) });
    }
    let mut running = 0;
    while let Some(Step::Run(mut job, at)) = scheduler.next(Millis(0)) {
        let host = to(["a.slow", "b.slow", "c.slow"][(job.seq % 3) as usize]);
        if at == host || scheduler.go_on(&at, &host, &[], Millis(0), 0.0).is_some() {
            running += 1;
            continue;
        }
        scheduler.left(&at, &job, Some(host.clone()), &[], Millis(0), 0.0);
        job.target = Some(host);
        scheduler.again(job);
    }
    assert_eq!(running, 56);
    scheduler.add(to_host(1_000, "fast"));
    assert_eq!(at(&begin_all(&mut scheduler, 0), "fast"), 1);
}

#[test]
fn those_that_go_on_from_a_fast_one_to_slow_ones_leave_some_slots_too() {
    for many in [1, 3] {
        let mut scheduler = Scheduler::default();
        scheduler.share(64);
        for seq in 0..300 {
            scheduler.add(to_host(seq, "first"));
        }
        let mut slow = 0;
        for _ in 0..40 {
            // All that began stand at the first one, and go on from there.
            for (mut job, from) in begin_all(&mut scheduler, 0) {
                let next = to(["a.slow", "b.slow", "c.slow"][job.seq as usize % many]);
                if from == next || scheduler.go_on(&from, &next, &[], Millis(0), 0.0).is_some() {
                    slow += 1;
                    continue;
                }
                scheduler.left(&from, &job, None, &[], Millis(0), 0.0);
                job.target = Some(next);
                scheduler.again(job);
            }
        }
        assert_eq!(slow, 56, "{many} slow ones");
        scheduler.add(to_host(1_000, "fast"));
        assert_eq!(at(&begin_all(&mut scheduler, 0), "fast"), 1, "{many} slow ones");
    }
}

#[test]
fn all_of_them_run_in_the_end_however_few_slots_there_are() {
    for slots in [1, 2, 7, 8, 9, 64] {
        let mut scheduler = Scheduler::default();
        scheduler.share(slots);
        for seq in 0..300 {
            let host = format!("{}.example", seq % 30);
            scheduler.add(to_host(seq, &host));
        }
        let (mut runs, mut ended) = (VecDeque::new(), 0);
        loop {
            // As long as there is a slot.
            while runs.len() < slots
                && let Some(step) = scheduler.next(Millis(0))
            {
                if let Step::Run(job, target) = step {
                    runs.push_back((job, target));
                }
            }
            let Some(one) = runs.pop_front() else { break };
            end(&mut scheduler, one, Heard::Good, 0);
            ended += 1;
        }
        assert_eq!(ended, 300, "{slots} slots");
    }
}
