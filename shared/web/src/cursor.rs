//! Cursors of lists: opaque, signed, and good only for the list and the session or key they were made for.

use store::secret;

use crate::Problem;

/// Signs and reads the cursors of one list.
#[derive(Debug, Clone)]
pub struct Cursors {
    key: [u8; 32],
}

impl Cursors {
    /// Cursors for one list; `secret_key` is the session's or API key's, `list` names list and filter.
    #[must_use]
    pub fn new(secret_key: &str, list: &str) -> Self {
        Self { key: secret::mac(secret_key.as_bytes(), format!("cursor {list}").as_bytes()) }
    }

    /// The text that goes out.
    #[must_use]
    pub fn sign(&self, position: &str) -> String {
        let mut bytes = secret::mac(&self.key, position.as_bytes())[..16].to_vec();
        bytes.extend_from_slice(position.as_bytes());
        secret::encode(&bytes)
    }

    /// The position behind a cursor that came back.
    ///
    /// # Errors
    /// 400 for a cursor that is not ours, or of another list.
    pub fn read(&self, cursor: Option<&str>) -> Result<Option<String>, Problem> {
        let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else { return Ok(None) };
        let wrong = || Problem::malformed("after", "is not a cursor of this list");
        let bytes = secret::decode(cursor).filter(|bytes| bytes.len() > 16).ok_or_else(wrong)?;
        let (signature, position) = bytes.split_at(16);
        if !secret::equal(signature, &secret::mac(&self.key, position)[..16]) {
            return Err(wrong());
        }
        String::from_utf8(position.to_vec()).map(Some).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_list_and_key() {
        let mine = Cursors::new("key", "invoices");
        let cursor = mine.sign("INV#2026-01-01#RE1");
        assert_eq!(mine.read(Some(&cursor)).unwrap().as_deref(), Some("INV#2026-01-01#RE1"));
        assert!(Cursors::new("key", "invoices?open").read(Some(&cursor)).is_err());
        assert!(Cursors::new("other", "invoices").read(Some(&cursor)).is_err());
        assert!(mine.read(Some("AAAA")).is_err());
        assert_eq!(mine.read(None).unwrap(), None);
    }
}
