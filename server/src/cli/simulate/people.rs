//! The people of the simulated contact centre.

use super::dice::Dice;

/// Somebody who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agent {
    pub id: u64,
    pub user_id: u64,
    pub name: &'static str,
    pub extension: &'static str,
}

const fn agent(id: u64, name: &'static str, extension: &'static str) -> Agent {
    Agent { id, user_id: 200 + id, name, extension }
}

const AGENTS: &[Agent] = &[
    agent(31, "Iryna Bondar", "204"),
    agent(32, "Maksym Lysenko", "205"),
    agent(33, "Sofia Moroz", "206"),
    agent(34, "Andrii Tkachuk", "207"),
    agent(35, "Daria Hnatiuk", "208"),
    agent(36, "Oleh Savchenko", "209"),
    agent(37, "Emily Carter", "210"),
    agent(38, "Marek Nowak", "211"),
    agent(39, "Aigerim Sadykova", "212"),
    agent(40, "Lucía Romero", "213"),
];

const FIRST: &[&str] = &[
    "Olena", "Taras", "Nadia", "Viktor", "Hanna", "Bohdan", "Yulia", "Pavlo", "Kateryna", "James",
    "Anna", "Tomasz", "Diego", "Elif", "Nurlan", "Chloé",
];
const LAST: &[&str] = &[
    "Koval",
    "Shevchuk",
    "Melnyk",
    "Polishchuk",
    "Rudenko",
    "Marchenko",
    "Kravets",
    "Smith",
    "Wiśniewska",
    "García",
    "Yılmaz",
    "Omarov",
    "Dubois",
    "Petrenko",
];
const PREFIXES: &[&str] =
    &["+38044", "+38050", "+38067", "+38093", "+48512", "+447700", "+34612", "+7701"];

/// How many people call or are called: few enough that some come back, as they do.
const MEMBERS: u64 = 2_000;

/// Somebody who calls, writes, or is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: u64,
    pub name: String,
    pub number: String,
    /// An address for a chat.
    pub address: String,
    /// The id in the sample's CRM.
    pub crm_id: String,
    pub language: &'static str,
    pub vip: bool,
}

/// Some agent other than this one.
pub fn some_agent(dice: &mut Dice, other_than: Option<Agent>) -> Agent {
    let free: Vec<Agent> = AGENTS.iter().copied().filter(|a| Some(*a) != other_than).collect();
    dice.pick(&free).copied().unwrap_or(AGENTS[0])
}

/// Some subscriber. The same number always comes with the same name and ids.
pub fn some_member(dice: &mut Dice) -> Member {
    member(dice.below(MEMBERS))
}

/// Those who are served first.
pub fn vips() -> impl Iterator<Item = Member> {
    (0..MEMBERS).map(member).filter(|member| member.vip)
}

/// Those who want no texts.
pub fn untexted() -> impl Iterator<Item = Member> {
    (0..MEMBERS).step_by(50).map(member)
}

fn member(person: u64) -> Member {
    let mut self_dice = Dice::new(0x6d65_6d62_6572 + person);
    let first = self_dice.word(FIRST);
    let last = self_dice.word(LAST);
    let prefix = self_dice.word(PREFIXES);
    Member {
        id: 7_000 + person,
        name: format!("{first} {last}"),
        number: format!("{prefix}{:06}", self_dice.below(1_000_000)),
        address: format!("{}.{}", first.to_lowercase(), 100 + person),
        crm_id: format!("A-{}", 1_000 + person),
        language: self_dice.word(&["uk", "uk", "en", "pl", "es"]),
        vip: self_dice.percent(8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_agent_is_another_one() {
        let mut dice = Dice::new(3);
        let mut last = some_agent(&mut dice, None);
        for _ in 0..50 {
            let next = some_agent(&mut dice, Some(last));
            assert_ne!(next, last);
            last = next;
        }
    }
}
