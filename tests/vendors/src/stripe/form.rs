//! Form-encoded parameters with bracketed names.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::refuse::Refusal;

/// The parameters of a request, in the order they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Params(Vec<Field>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    name: String,
    path: Vec<String>,
    value: String,
}

impl Params {
    /// Reads a body or a query.
    pub(super) fn read(form: &[u8]) -> Self {
        let mut counts = BTreeMap::<String, usize>::new();
        let fields = form_urlencoded::parse(form)
            .map(|(name, value)| {
                let mut path: Vec<String> =
                    name.split('[').map(|part| part.strip_suffix(']').unwrap_or(part).to_owned()).collect();
                // `expand[]=…` counts up by itself.
                if let Some(last) = path.last_mut().filter(|last| last.is_empty()) {
                    let count = counts.entry(name.to_string()).or_default();
                    *last = count.to_string();
                    *count += 1;
                }
                Field { name: name.into_owned(), path, value: value.into_owned() }
            })
            .collect();
        Self(fields)
    }

    /// Refuses what is in neither list; what Stripe knows and this server does not play is refused by its own words.
    /// A `*` stands for one part of a name.
    pub(super) fn only(&self, played: &[&str], known: &[&str]) -> Result<(), Refusal> {
        for field in &self.0 {
            if played.iter().any(|pattern| field.is(pattern)) {
                continue;
            }
            let top = field.path.first().map_or("", String::as_str);
            return Err(if known.contains(&top) { Refusal::unplayed(&field.name) } else { unknown(&field.name) });
        }
        Ok(())
    }

    fn at(&self, path: &str) -> Option<&Field> {
        self.0.iter().rev().find(|field| field.path.iter().map(String::as_str).eq(path.split('/')))
    }

    /// Whether anything stands at or below a name.
    pub(super) fn has(&self, prefix: &str) -> bool {
        self.0.iter().any(|field| field.under(prefix))
    }

    /// The names right below, each once, in the order they came.
    pub(super) fn below(&self, prefix: &str) -> Vec<String> {
        let depth = prefix.split('/').count();
        let mut names = Vec::new();
        for name in self.0.iter().filter(|field| field.under(prefix)).filter_map(|field| field.path.get(depth)) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// A text, which must not be empty when it is there.
    pub(super) fn text(&self, path: &str) -> Result<Option<&str>, Refusal> {
        match self.at(path) {
            None => Ok(None),
            Some(field) if field.value.is_empty() => Err(Refusal::parameter(
                Some("parameter_invalid_empty"),
                &field.name,
                &format!(
                    "You passed an empty string for '{0}'. We assume empty values are an attempt to unset a field; \
                     however '{0}' cannot be unset.",
                    field.name
                ),
            )),
            Some(field) => Ok(Some(&field.value)),
        }
    }

    /// A text of at most so many characters.
    pub(super) fn short(&self, path: &str, most: usize) -> Result<Option<&str>, Refusal> {
        let text = self.text(path)?;
        if text.is_some_and(|text| text.chars().count() > most) {
            let message = format!("Invalid string: must be at most {most} characters");
            return Err(Refusal::parameter(None, &bracketed(path), &message));
        }
        Ok(text)
    }

    /// A text that must be there.
    pub(super) fn need(&self, path: &str) -> Result<&str, Refusal> {
        self.text(path)?.ok_or_else(|| Refusal::missing(&bracketed(path)))
    }

    /// A whole number.
    pub(super) fn whole(&self, path: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(path)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            Refusal::parameter(Some("parameter_invalid_integer"), &bracketed(path), &format!("Invalid integer: {text}"))
        })
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, path: &str) -> Result<Option<bool>, Refusal> {
        match self.text(path)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(Refusal::parameter(None, &bracketed(path), &format!("Invalid boolean: {other}"))),
        }
    }

    /// One of some words.
    pub(super) fn one_of(&self, path: &str, words: &[&str]) -> Result<Option<&str>, Refusal> {
        let text = self.text(path)?;
        match text {
            Some(text) if !words.contains(&text) => {
                let param = bracketed(path);
                let message = format!("Invalid {param}: must be one of {}", words.join(", "));
                Err(Refusal::parameter(None, &param, &message))
            }
            _ => Ok(text),
        }
    }

    /// A list of texts.
    pub(super) fn list(&self, prefix: &str) -> Vec<String> {
        let depth = prefix.split('/').count();
        let rows = self.0.iter().filter(|field| field.under(prefix) && field.path.len() == depth + 1);
        rows.map(|field| field.value.clone()).collect()
    }

    /// Metadata: at most 50 keys of at most 40 characters with values of at most 500. An empty value unsets its key.
    pub(super) fn metadata(&self, prefix: &str) -> Result<Map<String, Value>, Refusal> {
        let depth = prefix.split('/').count();
        let mut map = Map::new();
        for field in self.0.iter().filter(|field| field.under(prefix)) {
            let refuse = |message: &str| Refusal::parameter(None, &field.name, message);
            let (Some(key), true) = (field.path.get(depth), field.path.len() == depth + 1) else {
                return Err(refuse("Invalid metadata: nested values are not allowed"));
            };
            if key.is_empty() || key.chars().count() > 40 {
                return Err(refuse("Metadata keys must be 1 to 40 characters long"));
            }
            if field.value.chars().count() > 500 {
                return Err(refuse("Metadata values can have up to 500 characters"));
            }
            map.insert(key.clone(), json!(field.value));
        }
        if map.len() > 50 {
            return Err(Refusal::parameter(None, &bracketed(prefix), "Metadata can have up to 50 keys"));
        }
        Ok(map)
    }
}

impl Field {
    fn is(&self, pattern: &str) -> bool {
        let parts: Vec<&str> = pattern.split('/').collect();
        parts.len() == self.path.len() && parts.iter().zip(&self.path).all(|(part, own)| *part == "*" || part == own)
    }

    fn under(&self, prefix: &str) -> bool {
        let parts: Vec<&str> = prefix.split('/').collect();
        parts.len() <= self.path.len() && parts.iter().zip(&self.path).all(|(part, own)| part == own)
    }
}

fn unknown(name: &str) -> Refusal {
    Refusal::parameter(Some("parameter_unknown"), name, &format!("Received unknown parameter: {name}"))
}

/// `line_items/0/quantity` as Stripe names it: `line_items[0][quantity]`.
pub(super) fn bracketed(path: &str) -> String {
    let mut parts = path.split('/');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        name.push('[');
        name.push_str(part);
        name.push(']');
    }
    name
}
