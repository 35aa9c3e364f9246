//! The limits that figures are held against, and why a figure may stand above its limit.

/// Sequential DynamoDB round trips of a page.
pub(crate) const DEPTH: u32 = 2;
/// DynamoDB read units of a page.
pub(crate) const READS: f64 = 3.0;
/// Units from a provider's message until an invoice is paid: its raw body, the transaction, the indexes.
pub(crate) const WEBHOOK_READS: f64 = 2.0;
pub(crate) const WEBHOOK_WRITES: f64 = 1.0 + 12.0 + 4.0;
/// Bytes of a page, and of the first page with everything it loads, compressed.
pub(crate) const PAGE_BYTES: usize = 50_000;
pub(crate) const FIRST_PAGE_BYTES: usize = 30_000;
/// Start against the empty function.
pub(crate) const START_RATIO: f64 = 3.0;
/// By how much the first event may last longer where each new connection takes 40 ms: less than one of them, more than chance.
pub(crate) const HANDSHAKE_MILLISECONDS: f64 = 20.0;
/// Zip of a function, and of documents.
pub(crate) const ZIP_BYTES: usize = 5_000_000;
pub(crate) const DOCUMENTS_ZIP_BYTES: usize = 20_000_000;
/// The most that a zip may have for which there is a reason.
const EXCEPTIONS: [(&str, usize); 3] = [("backoffice", 9_000_000), ("customer", 6_500_000), ("worker", 6_500_000)];
/// Resident memory of a function, and of documents.
pub(crate) const RESIDENT_BYTES: u64 = 25_000_000;
pub(crate) const DOCUMENTS_RESIDENT_BYTES: u64 = 90_000_000;
/// A line of the log.
pub(crate) const LOG_BYTES: usize = 400;
/// Instructions against the empty function, without SDK calls and compression.
pub(crate) const INSTRUCTIONS_RATIO: f64 = 10.0;
/// An invoice of one page with ten lines and a logo.
pub(crate) const PAPER_MILLISECONDS: f64 = 15.0;
pub(crate) const PAPER_BYTES: usize = 60_000;
/// US dollars for a million pages in us-east-1.
pub(crate) const MILLION_PAGES: f64 = 3.0;
/// US dollars for a million payments told by a provider, there.
pub(crate) const MILLION_WEBHOOKS: f64 = 12.0;

/// Every open invoice is counted for the sums on top.
const OPEN: &str = "the customer of 10,000 has 60 open ones, and each is counted for the sums on top";
/// And those that were credited stand below (M-80).
const OPEN_AND_CREDITED: &str = "the customer of 10,000 has 60 open ones, and each is counted for the sums on top; the last \
     credit notes below are 0.5 to find, and 0.5 each";
/// What the difference of a page and its calls still contains.
const ROWS: &str = "a call is measured by an empty answer: the SDK's reading of rows counts as ours here (by name the SDK is \
     54 % of the start page); checking the session's signature is three of the empty function";
/// A start without network.
const START: &str = "the SDK's clients are made, AWS's own certificates read for TLS, and five connections opened; the empty \
     function does nothing of it";
/// Connections that wait for whoever needs them.
const FIRST_FILE: &str = "the bucket's connection is opened when the first paper is to be kept; pages need none";
const MINUTE: &str =
    "a minute looks after many tenants at once and opens connections for it; nobody waits for a minute";

/// Speaks with everybody.
const BOTH_WAYS: &str =
    "it speaks with table, bucket and every payment provider, and TLS for AWS and for others are two clients";

/// Why what is measured may stand above its limit, by its name; a star stands for whatever its end is.
const REASONS: [(&str, &str); 21] = [
    ("/", OPEN),
    ("/invoices", OPEN_AND_CREDITED),
    ("/accounts", OPEN),
    ("/contracts/1", "the named exception: the contract's invoices and what is open of them are shown, too"),
    ("/invoices?filter=open", "the rows of a state are read one by one, 0.5 each, 20 a page"),
    ("/settle", "every open invoice can be chosen, and is read as it is now"),
    ("instructions /", ROWS),
    ("instructions /contracts", ROWS),
    ("instructions /invoices", ROWS),
    ("instructions /invoices/RE1000", ROWS),
    ("instructions /accounts", ROWS),
    ("instructions /settle", ROWS),
    ("start *", START),
    ("handshake documents, a new paper", FIRST_FILE),
    ("handshake worker, a minute", MINUTE),
    ("handshakes worker, a minute", MINUTE),
    ("zip backoffice", "it reads PDFs, pictures and the rules of EN 16931; nobody waits for it at a page"),
    ("zip customer", BOTH_WAYS),
    ("zip worker", BOTH_WAYS),
    ("paper time", "typst's layout, the tagged PDF and the embedded XML in one; not taken apart yet"),
    (
        "million webhooks us-east-1",
        "17 write units are 10.63 $, the gateway 1 $: keeping the raw body is what is above",
    ),
];

/// May a zip that is above its limit be so large, given a reason?
pub(crate) fn is_excepted(function: &str, bytes: usize) -> bool {
    EXCEPTIONS.iter().any(|(name, most)| *name == function && bytes <= *most)
}

/// The reason, for the table's last column; nothing within the limit.
///
/// # Errors
/// Above the limit without a reason.
pub(crate) fn reason(figure: &str, is_within: bool) -> Result<&'static str, String> {
    if is_within {
        return Ok("");
    }
    let is_meant = |name: &str| match name.strip_suffix('*') {
        Some(begin) => figure.starts_with(begin),
        None => figure == name,
    };
    let known = REASONS.iter().find(|(name, _)| is_meant(name));
    known.map(|(_, reason)| *reason).ok_or_else(|| format!("{figure} is above its limit and nobody says why"))
}
