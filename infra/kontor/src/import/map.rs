//! Which column is which field, as an operator writes it down, and how its values are read.

use std::{collections::BTreeMap, path::Path};

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{field::FieldPath, table::Cell};
use crate::Failure;

/// The file, `.toml` or `.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MapFile {
    /// What stands before the cents: `.` unless said.
    #[serde(default)]
    decimal: DecimalPoint,
    /// How days are written beside 2026-11-20, for example `%d.%m.%Y`.
    #[serde(default)]
    date: Option<String>,
    columns: BTreeMap<String, Targets>,
    /// Values of fields that no column fills.
    #[serde(default)]
    constants: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(crate) enum DecimalPoint {
    #[default]
    #[serde(rename = ".")]
    Point,
    #[serde(rename = ",")]
    Comma,
}

/// One field, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Targets {
    One(TargetInput),
    Many(Vec<TargetInput>),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum TargetInput {
    Path(String),
    Described(Described),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    to: String,
    #[serde(default, rename = "as")]
    kind: Kind,
    /// Words of the file, and what the portal calls them.
    #[serde(default)]
    values: BTreeMap<String, String>,
}

/// How a cell is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    #[default]
    Text,
    /// An amount, a quantity, a rate: becomes a text with a decimal point.
    Decimal,
    Integer,
    Date,
    Boolean,
}

/// A field that a column fills.
#[derive(Debug)]
pub(crate) struct Target {
    /// Place of its column in the table.
    pub(crate) column: usize,
    pub(crate) path: FieldPath,
    kind: Kind,
    values: BTreeMap<String, String>,
}

/// Which column is which field.
#[derive(Debug)]
pub(crate) struct FieldMap {
    pub(crate) targets: Vec<Target>,
    pub(crate) constants: Vec<(FieldPath, Value)>,
    /// Columns of the table that are not imported.
    pub(crate) left_out: Vec<String>,
    decimal: DecimalPoint,
    date: Option<String>,
}

impl FieldMap {
    /// Reads a map for a table with these columns.
    pub(crate) fn read(file: &Path, text: &str, columns: &[String]) -> Result<Self, Failure> {
        let wrong = |why: String| Failure::Input(format!("{}: {why}", file.display()));
        let map: MapFile = match file.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => toml::from_str(text).map_err(|error| wrong(error.to_string()))?,
            Some("json") => serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?,
            _ => return Err(wrong("a map must be a .toml or a .json".to_owned())),
        };
        let mut targets = Vec::new();
        for (name, inputs) in map.columns {
            let column = columns.iter().position(|column| *column == name);
            let column = column.ok_or_else(|| wrong(format!("the table has no column `{name}`")))?;
            let inputs = match inputs {
                Targets::One(one) => vec![one],
                Targets::Many(many) => many,
            };
            for input in inputs {
                targets.push(Target::of(input, column).map_err(wrong)?);
            }
        }
        let constant = |(path, value): (String, Value)| path.parse::<FieldPath>().map(|path| (path, value));
        let constants: Result<Vec<_>, String> = map.constants.into_iter().map(constant).collect();
        let left_out = columns.iter().enumerate().filter(|(place, _)| targets.iter().all(|one| one.column != *place));
        let left_out = left_out.map(|(place, name)| shown(place, name)).collect();
        Ok(Self { targets, constants: constants.map_err(wrong)?, left_out, decimal: map.decimal, date: map.date })
    }

    /// Without a map the columns are called as the fields, and every value is a text.
    pub(crate) fn of_columns(columns: &[String]) -> Result<Self, Failure> {
        let (mut targets, mut left_out) = (Vec::new(), Vec::new());
        for (column, name) in columns.iter().enumerate() {
            if name.is_empty() {
                left_out.push(shown(column, name));
                continue;
            }
            let wrong = |why| Failure::Input(format!("column {}: {why}; or say --map", column + 1));
            let path = name.parse::<FieldPath>().map_err(wrong)?;
            targets.push(Target { column, path, kind: Kind::Text, values: BTreeMap::new() });
        }
        let (constants, decimal, date) = (Vec::new(), DecimalPoint::Point, None);
        Ok(Self { targets, constants, left_out, decimal, date })
    }

    /// Do several rows of a number make one document?
    pub(crate) fn joins_rows(&self) -> bool {
        self.targets.iter().any(|target| target.path.is_per_row())
    }

    /// The value of a cell; `None` for an empty one.
    pub(crate) fn value(&self, target: &Target, cell: &Cell) -> Result<Option<Value>, String> {
        let named = match cell {
            Cell::Empty => return Ok(None),
            Cell::Broken(error) => return Err(format!("the spreadsheet itself says {error}")),
            cell if target.values.is_empty() => cell.clone(),
            cell => {
                let known = target.values.get(&cell.text());
                let known = known.ok_or("is none of the values that the map names")?;
                // A word may stand for nothing at all.
                match Cell::of_text(known) {
                    Cell::Empty => return Ok(None),
                    known => known,
                }
            }
        };
        match target.kind {
            Kind::Text => Ok(Some(json!(named.text()))),
            Kind::Decimal => self.decimal(&named).map(|number| Some(json!(number))),
            Kind::Date => self.day(&named).map(|day| Some(json!(day.to_string()))),
            Kind::Integer => integer(&named).map(|number| Some(json!(number))),
            Kind::Boolean => flag(&named).map(|flag| Some(json!(flag))),
        }
    }

    fn decimal(&self, cell: &Cell) -> Result<String, String> {
        match cell {
            Cell::Number(number) => Ok(number.clone()),
            Cell::Text(text) => plain_decimal(text, self.decimal).ok_or_else(|| {
                let example = if self.decimal == DecimalPoint::Comma { "1.234,56" } else { "1,234.56" };
                format!("must be a number such as {example}")
            }),
            _ => Err("must be a number".to_owned()),
        }
    }

    fn day(&self, cell: &Cell) -> Result<Date, String> {
        let text = match cell {
            Cell::Day(day) => return Ok(*day),
            Cell::Text(text) => text,
            _ => return Err("must be a day".to_owned()),
        };
        let own = self.date.as_ref().and_then(|format| Date::strptime(format, text).ok());
        own.or_else(|| text.parse().ok()).ok_or_else(|| match &self.date {
            None => "must be a day such as 2026-11-20; the map's `date` may say another form".to_owned(),
            Some(format) => format!("must be a day such as 2026-11-20 or of the form {format}"),
        })
    }
}

impl Target {
    fn of(input: TargetInput, column: usize) -> Result<Self, String> {
        let (to, kind, values) = match input {
            TargetInput::Path(to) => (to, Kind::Text, BTreeMap::new()),
            TargetInput::Described(Described { to, kind, values }) => (to, kind, values),
        };
        Ok(Self { column, path: to.parse()?, kind, values })
    }
}

/// A column as people find it.
fn shown(place: usize, name: &str) -> String {
    if name.is_empty() { format!("column {}", place + 1) } else { name.to_owned() }
}

/// A number without marks between its thousands. Those must stand at every third digit, so that a number of the other
/// writing is not taken for a thousand times as much.
fn plain_decimal(text: &str, point: DecimalPoint) -> Option<String> {
    let (point, mark) = match point {
        DecimalPoint::Point => ('.', ','),
        DecimalPoint::Comma => (',', '.'),
    };
    let text = text.replace(['\u{a0}', '\u{202f}'], "");
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, cents) = text.split_once(point).map_or((text, None), |(whole, cents)| (whole, Some(cents)));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(mark);
    let first = groups.next().unwrap_or_default();
    let has_marks = whole.contains(mark);
    let whole_is_right = are_digits(first)
        && (!has_marks || first.len() <= 3)
        && groups.all(|group| group.len() == 3 && are_digits(group));
    if !whole_is_right || !cents.is_none_or(are_digits) {
        return None;
    }
    let whole = whole.replace(mark, "");
    Some(cents.map_or_else(|| format!("{sign}{whole}"), |cents| format!("{sign}{whole}.{cents}")))
}

fn integer(cell: &Cell) -> Result<i64, String> {
    cell.text().parse().map_err(|_| "must be a whole number".to_owned())
}

fn flag(cell: &Cell) -> Result<bool, String> {
    match cell.text().to_lowercase().as_str() {
        "true" | "yes" | "ja" | "wahr" | "1" => Ok(true),
        "false" | "no" | "nein" | "falsch" | "0" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = r#"
        decimal = ","
        date = "%d.%m.%Y"

        [columns]
        Nr = "number"
        Netto = [{ to = "net.amount", as = "decimal" }, { to = "lines[].net.amount", as = "decimal" }]
        Datum = { to = "issued_on", as = "date" }
        Anrede = { to = "salutation", values = { Frau = "frau", Familie = "" } }

        [constants]
        "net.currency" = "EUR"
    "#;

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn map() -> FieldMap {
        let columns = columns(&["Nr", "Datum", "Netto", "Anrede", "Notiz"]);
        FieldMap::read(Path::new("map.toml"), TOML, &columns).unwrap()
    }

    fn value(map: &FieldMap, path: &str, cell: &Cell) -> Result<Option<Value>, String> {
        map.value(map.targets.iter().find(|target| target.path.as_str() == path).unwrap(), cell)
    }

    #[test]
    fn a_column_fills_its_fields_in_the_files_own_writing() {
        let map = map();
        let text = |text: &str| Cell::of_text(text);
        assert_eq!(value(&map, "net.amount", &text("1.234,50")).unwrap(), Some(json!("1234.50")));
        assert_eq!(
            value(&map, "lines[].net.amount", &Cell::Number("1234.5".to_owned())).unwrap(),
            Some(json!("1234.5"))
        );
        assert_eq!(value(&map, "issued_on", &text("20.11.2026")).unwrap(), Some(json!("2026-11-20")));
        assert_eq!(value(&map, "issued_on", &text("2026-11-20")).unwrap(), Some(json!("2026-11-20")));
        assert_eq!(value(&map, "salutation", &text("Frau")).unwrap(), Some(json!("frau")));
        assert_eq!(value(&map, "salutation", &text("Familie")).unwrap(), None);
        assert!(value(&map, "salutation", &text("Dr.")).is_err());
        assert!(value(&map, "issued_on", &text("11/20/2026")).is_err());
        assert_eq!(value(&map, "number", &Cell::Empty).unwrap(), None);
        assert!(value(&map, "number", &Cell::Broken("#REF!".to_owned())).unwrap_err().contains("#REF!"));
        assert_eq!(map.left_out, ["Notiz"]);
        assert!(map.joins_rows());
    }

    #[test]
    fn the_same_map_may_be_json() {
        let text = r#"{"columns": {"Nr": "number", "Anzahl": {"to": "interval.count", "as": "integer"}}}"#;
        let map = FieldMap::read(Path::new("map.json"), text, &columns(&["Nr", "Anzahl"])).unwrap();
        assert_eq!(value(&map, "interval.count", &Cell::of_text("12")).unwrap(), Some(json!(12)));
        assert!(value(&map, "interval.count", &Cell::of_text("1.5")).is_err());
        assert!(!map.joins_rows());
    }

    #[test]
    fn a_number_of_the_other_writing_is_refused_and_not_multiplied() {
        let comma = |text| plain_decimal(text, DecimalPoint::Comma);
        assert_eq!(comma("1.234.567,89").as_deref(), Some("1234567.89"));
        assert_eq!(comma("-0,50").as_deref(), Some("-0.50"));
        assert_eq!(comma("1234,5").as_deref(), Some("1234.5"));
        assert_eq!(comma("1\u{a0}234").as_deref(), Some("1234"));
        for text in ["15.91", "1.2345", "1234.567,00", "1,2,3", ",5", "1,", "", "-", "12 €", "1.234.56"] {
            assert_eq!(comma(text), None, "{text}");
        }
        assert_eq!(plain_decimal("1,234.56", DecimalPoint::Point).as_deref(), Some("1234.56"));
        assert_eq!(plain_decimal("15,91", DecimalPoint::Point), None);
    }

    #[test]
    fn a_map_that_does_not_fit_is_refused() {
        let wrong = |file: &str, text: &str| FieldMap::read(Path::new(file), text, &columns(&["Nr"])).unwrap_err();
        assert!(wrong("map.toml", "[columns]\nNummer = \"number\"").to_string().contains("`Nummer`"));
        assert!(wrong("map.toml", "[columns]\nNr = \"Number\"").to_string().contains("`Number`"));
        assert!(wrong("map.toml", "colums = {}").to_string().contains("colums"));
        assert!(wrong("map.yaml", "").to_string().contains(".toml"));
        assert!(FieldMap::of_columns(&columns(&["number", "Firma"])).unwrap_err().to_string().contains("column 2"));
        assert_eq!(FieldMap::of_columns(&columns(&["number", ""])).unwrap().left_out, ["column 2"]);
    }
}
