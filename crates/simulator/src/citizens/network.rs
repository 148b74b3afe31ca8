//! Mobile networks, and the made-up numbers of citizens and scammers.
//!
//! Every number is visibly invented: citizens live in `0x0 000 …` blocks, scammers in `… 99x xxx` blocks of
//! ranges whose holder is the network (domain notes §3).

use crate::dice::Dice;

/// A mobile network of the simulation, by its operator id in the product's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Network {
    /// `viettel`.
    Viettel,
    /// `vinaphone`.
    Vinaphone,
    /// `mobifone`.
    Mobifone,
}

impl Network {
    /// All of them.
    pub const ALL: [Network; 3] = [Network::Viettel, Network::Vinaphone, Network::Mobifone];

    /// The operator's id in configuration and data files.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Network::Viettel => "viettel",
            Network::Vinaphone => "vinaphone",
            Network::Mobifone => "mobifone",
        }
    }

    /// The network with this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Network> {
        Network::ALL.into_iter().find(|network| network.id() == id)
    }

    fn citizen_blocks(self) -> &'static [&'static str] {
        match self {
            Network::Viettel => &["096000", "097000"],
            Network::Vinaphone => &["091000"],
            Network::Mobifone => &["090000"],
        }
    }

    fn scammer_blocks(self) -> &'static [&'static str] {
        match self {
            Network::Viettel => &["096999", "039999"],
            Network::Vinaphone => &["091999", "082999"],
            Network::Mobifone => &["090999", "070999"],
        }
    }
}

/// A mobile number in Vietnam as dialled: ten digits from 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mobile(String);

impl Mobile {
    /// One of a network's citizens.
    pub(crate) fn citizen(network: Network, dice: &mut Dice) -> Mobile {
        Mobile::in_block(network.citizen_blocks(), dice, 10_000, 4)
    }

    /// One of a network's scammers: few, so that reports meet on the same number.
    pub(crate) fn scammer(network: Network, dice: &mut Dice) -> Mobile {
        // 560 numbers a block: `… 99x xxx`.
        let mut mobile = Mobile::in_block(network.scammer_blocks(), dice, 70, 3);
        mobile.0.insert(6, ['1', '2', '3', '4', '5', '6', '7', '8'][dice.below(8)]);
        mobile
    }

    fn in_block(blocks: &[&str], dice: &mut Dice, size: usize, digits: usize) -> Mobile {
        let block = dice.pick(blocks);
        // Spread over the block, so that neighbours do not look alike.
        let step = 10_usize.pow(digits as u32) / size;
        let tail = dice.below(size) * step + step / 2;
        Mobile(format!("{block}{tail:0digits$}"))
    }

    /// From ten digits beginning with 0; `None` for anything else.
    #[must_use]
    pub fn from_dialled(text: &str) -> Option<Mobile> {
        let is_sound = text.len() == 10 && text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
        is_sound.then(|| Mobile(text.to_owned()))
    }

    /// From an address on the wire: `84…`, `+84…` or `0…`.
    #[must_use]
    pub fn from_wire(address: &str) -> Option<Mobile> {
        let digits = address.strip_prefix('+').unwrap_or(address);
        match digits.strip_prefix("84") {
            Some(rest) if rest.len() == 9 => Mobile::from_dialled(&format!("0{rest}")),
            _ => Mobile::from_dialled(digits),
        }
    }

    /// `0912345678`.
    #[must_use]
    pub fn dialled(&self) -> &str {
        &self.0
    }

    /// `+84912345678`, as the product writes a source.
    #[must_use]
    pub fn canonical(&self) -> String {
        format!("+84{}", &self.0[1..])
    }

    /// `84912345678`, as an international address on the wire.
    #[must_use]
    pub fn international(&self) -> String {
        format!("84{}", &self.0[1..])
    }

    /// `0912 345 678`, as the product shows it.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{} {} {}", &self.0[..4], &self.0[4..7], &self.0[7..])
    }

    /// How the number was written before the renumbering of 2018, for the ranges that had eleven digits.
    #[must_use]
    pub fn before_2018(&self) -> Option<String> {
        let old = match &self.0[..3] {
            "039" => "0169",
            "082" => "0129",
            "070" => "0120",
            _ => return None,
        };
        Some(format!("{old}{}", &self.0[3..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use canhgiac_domain::number::{NumberingPlan, parse_number};
    use jiff::civil::date;

    #[test]
    fn every_made_up_number_is_mobile_and_of_its_network() {
        let plan = NumberingPlan::shipped(true).unwrap();
        let today = date(2026, 11, 23);
        let mut dice = Dice::new(1, "numbers");
        for network in Network::ALL {
            for round in 0..400 {
                let mobile = match round % 2 {
                    0 => Mobile::citizen(network, &mut dice),
                    _ => Mobile::scammer(network, &mut dice),
                };
                let read = parse_number(mobile.dialled(), &plan, today).unwrap().source;
                assert_eq!(read.canonical(), mobile.canonical());
                assert_eq!(plan.range_holder(&read, today), Some(network.id()));
                assert!(plan.is_mobile_subscriber(&read, today));
                let old = mobile.before_2018().map(|old| parse_number(&old, &plan, today).unwrap().source);
                assert!(old.is_none_or(|old| old == read), "{mobile:?}");
            }
        }
    }

    #[test]
    fn an_address_on_the_wire_is_read_in_every_form() {
        let mobile = Mobile::from_dialled("0912345678").unwrap();
        for address in ["84912345678", "+84912345678", "0912345678"] {
            assert_eq!(Mobile::from_wire(address).as_ref(), Some(&mobile));
        }
        for address in ["156", "VIETTEL", "", "849123456789"] {
            assert_eq!(Mobile::from_wire(address), None, "{address}");
        }
        assert_eq!(mobile.shown(), "0912 345 678");
    }
}
