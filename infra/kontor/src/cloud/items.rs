//! What an export and a restore must know of items: whose they are, what lets requests in, and what makes work.

use domain::id::TenantId;
use serde_json::Value;

/// What is due for a reader of the stream, and what wakes it; an item without them is at rest.
pub(crate) const DUE: [&str; 3] = ["t_pk", "t_sk", "wake"];

/// A text of an item; empty where there is none.
pub(crate) fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.get("S")).and_then(Value::as_str).unwrap_or_default()
}

/// Is it the installation's own: keys that sign, the platform's keys?
pub(crate) fn is_of_installation(item: &Value) -> bool {
    text(item, "pk") == "PLATFORM"
}

/// Does it let requests or the minute find a tenant?
pub(crate) fn is_of_directory(item: &Value) -> bool {
    let pk = text(item, "pk");
    pk == "TENANTS" || pk.starts_with("HOST#")
}

/// Does it make work, at some time? The index of what is to be done holds open invoices too; those wait for nobody.
pub(crate) fn is_due(item: &Value) -> bool {
    let list = text(item, "t_pk");
    list.ends_with("#DUE") || list.contains("#DUE#") || item.get("wake").is_some()
}

/// The same item, making no work.
pub(crate) fn at_rest(item: &Value) -> Value {
    let mut item = item.clone();
    if is_due(&item)
        && let Some(fields) = item.as_object_mut()
    {
        fields.retain(|name, _| !DUE.contains(&name.as_str()));
    }
    item
}

/// One tenant's part of the table.
#[derive(Debug, Clone)]
pub(crate) struct OneTenant {
    pub(crate) id: TenantId,
    pub(crate) hosts: Vec<String>,
}

impl OneTenant {
    /// Is an item its own?
    pub(crate) fn holds(&self, item: &Value) -> bool {
        let pk = text(item, "pk");
        let below = pk.strip_prefix("T#").and_then(|rest| rest.strip_prefix(self.id.as_str()));
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
            || (pk == "TENANTS" && text(item, "sk") == self.id.as_str())
            || pk.strip_prefix("HOST#").is_some_and(|host| self.hosts.iter().any(|own| own == host))
    }

    /// Where its files are.
    pub(crate) fn prefixes(&self) -> Vec<String> {
        ["T", "E"].map(|shelf| format!("{shelf}/{}/", self.id)).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    fn item(pk: &str, sk: &str) -> Value {
        json!({ "pk": { "S": pk }, "sk": { "S": sk } })
    }

    #[test]
    fn a_tenant_holds_what_is_below_it_its_hosts_and_its_line() {
        let [id, other] = [1, 2].map(|last| TenantId::new(Timestamp::UNIX_EPOCH, [last; 10]));
        let tenant = OneTenant { id: id.clone(), hosts: vec!["a.example".to_owned()] };
        let own = [format!("T#{id}"), format!("T#{id}#C#1"), "HOST#a.example".to_owned()];
        assert!(own.iter().all(|pk| tenant.holds(&item(pk, "X"))));
        assert!(tenant.holds(&item("TENANTS", id.as_str())));
        let foreign = [format!("T#{other}"), format!("T#{id}0"), "HOST#b.example".to_owned(), "PLATFORM".to_owned()];
        assert!(!foreign.iter().any(|pk| tenant.holds(&item(pk, "X"))));
        assert!(!tenant.holds(&item("TENANTS", other.as_str())));
    }

    #[test]
    fn only_what_makes_work_is_put_to_rest() {
        let with = |list: &str| {
            let mut item = item("T#t#C#1", "INV#1");
            item["t_pk"] = json!({ "S": list });
            item["t_sk"] = json!({ "S": "1" });
            item
        };
        let open = with("T#t#C#1#OPEN");
        assert_eq!(at_rest(&open), open);
        for list in ["T#t#DUE", "T#t#DUE#documents", "T#t#HOOK#whe_1#DUE"] {
            assert_eq!(at_rest(&with(list)), item("T#t#C#1", "INV#1"), "{list}");
        }
        let mut waking = item("T#t", "EVT#1");
        waking["wake"] = json!({ "S": "worker" });
        assert_eq!(at_rest(&waking), item("T#t", "EVT#1"));
    }
}
