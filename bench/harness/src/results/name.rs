//! The name of a cell in a record: whole, and in parts for those who select records by them.

use libpi::CellName;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The keys as they are written.
#[derive(Serialize)]
struct Written<'a> {
    cell: String,
    generator: &'a str,
    kernel: &'a str,
    driver: &'a str,
    ranks: u32,
    threads: u32,
}

/// What is read: the parts follow from the whole name.
#[derive(Deserialize)]
struct Read {
    cell: String,
}

pub(super) fn serialize<S: Serializer>(name: &CellName, serializer: S) -> Result<S::Ok, S::Error> {
    let CellName { generator, kernel, driver, ranks, threads } = name;
    let (ranks, threads) = (*ranks, *threads);
    Written { cell: name.to_string(), generator, kernel, driver, ranks, threads }
        .serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<CellName, D::Error> {
    Read::deserialize(deserializer)?.cell.parse().map_err(D::Error::custom)
}

/// The name of no cell.
pub(super) fn none() -> CellName {
    let [generator, kernel, driver] = [const { String::new() }; 3];
    CellName { generator, kernel, driver, ranks: 1, threads: 1 }
}

#[cfg(test)]
mod tests {
    use crate::results::Block;
    use serde_json::{Value, json};

    fn read(record: Value) -> Result<Block, String> {
        serde_json::from_value(record).map_err(|error| error.to_string())
    }

    #[test]
    fn a_name_is_written_whole_and_in_parts_and_read_as_a_whole() {
        let name = json!({ "cell": "philox/c@x86-64-v3/openmp-c/2x3", "seed": u64::MAX });
        let block = read(name.clone()).unwrap();
        assert_eq!((block.cell.level(), block.cell.threads), (Some("x86-64-v3"), 3));
        let written = serde_json::to_value(&block).unwrap();
        let parts = json!({
            "cell": name["cell"], "generator": "philox", "kernel": "c@x86-64-v3",
            "driver": "openmp-c", "ranks": 2, "threads": 3, "seed": u64::MAX,
        });
        for (key, value) in parts.as_object().unwrap() {
            assert_eq!(written[key], *value, "{key}");
        }
        assert_eq!(read(written), Ok(block.clone()));
        let contradicted = json!({ "cell": name["cell"], "kernel": "rust", "threads": 0 });
        assert_eq!(read(contradicted).unwrap().cell, block.cell, "the whole name counts");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for record in [json!({}), json!({ "cell": "x" }), json!({ "cell": "a/b/c/0x1" })] {
            let error = read(record.clone()).unwrap_err();
            let text = record["cell"].as_str().unwrap_or("missing field `cell`");
            assert!(error.contains(text), "{error}");
        }
    }
}
