//! What every page must keep, whatever it shows.

/// Elements without an end tag.
const VOID: [&str; 14] =
    ["meta", "link", "input", "img", "br", "wbr", "hr", "source", "!doctype", "path", "circle", "use", "area", "col"];

/// A tag with its attributes, or the text before it.
#[derive(Debug, Clone, Copy)]
enum Piece<'a> {
    Tag(&'a str),
    Text(&'a str),
}

/// Everything a page does that no page may do.
pub(super) fn problems(html: &str, brand: &str) -> Vec<String> {
    let pieces = pieces(html);
    let mut problems = balance(&pieces);
    problems.extend(words(&pieces));
    problems.extend(labels(&pieces));
    problems.extend(icons(html));
    let mut require = |holds: bool, problem: &str| {
        if !holds {
            problems.push(problem.to_owned());
        }
    };
    let title = html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default();
    let dash = title.find(" – ").unwrap_or_default();
    require(dash > 0 && title.len() > dash + brand.len().min(3), "the title lacks words or brand");
    require(html.matches("<h1").count() == 1, "not exactly one h1");
    require(html.matches("button-primary").count() <= 1, "more than one primary button");
    require(html.contains("role=\"alert\"") == title.contains(':'), "errors without a title that says so");
    require(!html.contains("style="), "an inline style");
    require(!html.contains("<script>"), "an inline script");
    require(!html.contains("onclick"), "an inline handler");
    require(html.matches("<table").count() == html.matches("<caption").count(), "a table without caption");
    require(!html.contains("{{") && !html.contains("{%"), "template code");
    require(!html.contains("href=\"\""), "a link to nowhere");
    problems
}

fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut pieces = vec![];
    for part in html.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        pieces.push(Piece::Tag(tag));
        if !text.trim().is_empty() {
            pieces.push(Piece::Text(text.trim()));
        }
    }
    pieces
}

fn name(tag: &str) -> &str {
    tag.split([' ', '/', '\n']).find(|part| !part.is_empty()).unwrap_or_default()
}

/// Every element is closed, in order.
fn balance(pieces: &[Piece<'_>]) -> Vec<String> {
    let mut open: Vec<&str> = vec![];
    let mut problems = vec![];
    for piece in pieces {
        let Piece::Tag(tag) = piece else { continue };
        if let Some(closed) = tag.strip_prefix('/') {
            if open.pop() != Some(closed) {
                problems.push(format!("</{closed}> closes something else"));
            }
        } else if !VOID.contains(&name(tag)) && !tag.starts_with("!--") && !tag.ends_with('/') {
            open.push(name(tag));
        }
    }
    problems.extend(open.iter().map(|tag| format!("<{tag}> is not closed")));
    problems
}

/// Nothing a program would say: no null, no enum names, no snake case.
fn words(pieces: &[Piece<'_>]) -> Vec<String> {
    let texts = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(*text),
        Piece::Tag(_) => None,
    });
    let mut problems = vec![];
    for text in texts {
        for word in text.split_whitespace() {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            let internal = matches!(bare, "null" | "None" | "NaN" | "undefined" | "true" | "false")
                || word.contains("Some(")
                || word.contains("::")
                || word.contains(['{', '}'])
                || (word.contains('_') && !word.contains("req_"));
            if internal {
                problems.push(format!("says {word:?} in {text:?}"));
            }
        }
    }
    problems
}

/// Every control has a label, every id stands once, every description exists.
fn labels(pieces: &[Piece<'_>]) -> Vec<String> {
    let mut problems = vec![];
    let mut inside_label = false;
    let attribute = |tag: &str, name: &str| -> Option<String> {
        tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next().map(str::to_owned)
    };
    let all = |name: &str| -> Vec<String> {
        let tags = pieces.iter().filter_map(|piece| if let Piece::Tag(tag) = piece { Some(*tag) } else { None });
        tags.filter_map(|tag| attribute(tag, name))
            .flat_map(|value| value.split(' ').map(str::to_owned).collect::<Vec<_>>())
            .collect()
    };
    let (ids, fors) = (all("id"), all("for"));
    for wanted in all("aria-describedby").iter().chain(&all("aria-labelledby")).chain(&fors) {
        if !ids.contains(wanted) {
            problems.push(format!("nothing has the id {wanted}"));
        }
    }
    for (position, id) in ids.iter().enumerate() {
        if ids[..position].contains(id) {
            problems.push(format!("the id {id} stands twice"));
        }
    }
    for piece in pieces {
        let Piece::Tag(tag) = piece else { continue };
        match name(tag) {
            "label" => inside_label = !tag.starts_with('/'),
            "input" | "select" | "textarea" if !tag.contains("type=\"hidden\"") && !tag.starts_with('/') => {
                let labelled = attribute(tag, "id").is_some_and(|id| fors.contains(&id));
                if !labelled && !inside_label {
                    problems.push(format!("no label for <{tag}>"));
                }
            }
            _ => {}
        }
    }
    problems
}

/// The sprite has what the page uses.
fn icons(html: &str) -> Vec<String> {
    let used = html.split("href=\"#icon-").skip(1).filter_map(|rest| rest.split('"').next());
    let absent = used.filter(|name| !html.contains(&format!("<symbol id=\"icon-{name}\"")));
    absent.map(|name| format!("the sprite lacks {name}")).collect()
}
