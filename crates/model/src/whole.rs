//! Whole numbers in JSON, which are whole as well when they are written `5.0` or `5e3`, as a schema
//! has it.

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};
use std::fmt;

/// Beyond this a number with a point may stand for several whole ones.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// A whole number, or none where there is null.
pub fn maybe<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    Option::<Whole>::deserialize(deserializer)?.map(Whole::into).transpose()
}

/// A whole number; null is refused.
pub fn one<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    Whole::deserialize(deserializer)?.into()
}

/// A list of whole numbers, or none where there is null.
pub fn list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    let read = Option::<Vec<Whole>>::deserialize(deserializer)?;
    read.map(|all| all.into_iter().map(Whole::into).collect()).transpose()
}

struct Whole(i64);

impl Whole {
    fn into<T: TryFrom<i64>, E: Error>(self) -> Result<T, E> {
        let given = self.0;
        T::try_from(given).map_err(|_| E::custom(format!("{given} is out of range")))
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl Visitor<'_> for Read {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
                Ok(Whole(number))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
                let within = i64::try_from(number);
                within.map(Whole).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Whole, E> {
                if number.fract() == 0.0 && number.abs() <= EXACT_MAX {
                    Ok(Whole(number as i64))
                } else {
                    Err(E::invalid_value(Unexpected::Float(number), &self))
                }
            }
        }

        deserializer.deserialize_any(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: TryFrom<i64>>(text: &str) -> Result<Option<T>, String> {
        maybe(&mut serde_json::Deserializer::from_str(text)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        for text in ["5000", "5000.0", "5e3", "50000e-1"] {
            assert_eq!(read(text), Ok(Some(5_000_u32)), "{text}");
        }
        assert_eq!(read("-7.0"), Ok(Some(-7_i64)));
        assert_eq!(read::<u32>("null"), Ok(None));
    }

    #[test]
    fn so_is_each_of_a_list_and_the_one_that_must_be_there() {
        let of = |text: &str| list::<_, i64>(&mut serde_json::Deserializer::from_str(text)).ok();
        assert_eq!(of("[5000.0, 1, 3e4]"), Some(Some(vec![5_000, 1, 30_000])));
        assert_eq!((of("[]"), of("null")), (Some(Some(Vec::new())), Some(None)));
        assert_eq!((of("[1, 0.5]"), of("5")), (None, None));
        let must = |text: &str| one::<_, i64>(&mut serde_json::Deserializer::from_str(text)).ok();
        assert_eq!((must("7.0"), must("null")), (Some(7), None));
    }

    #[test]
    fn what_is_no_whole_number_or_too_large_is_refused() {
        for text in ["5.5", "\"5\"", "-1", "-1.0", "4294967296", "1e300", "[5]"] {
            assert!(read::<u32>(text).is_err(), "{text}");
        }
        assert!(read::<i64>("18446744073709551615").is_err());
    }
}
