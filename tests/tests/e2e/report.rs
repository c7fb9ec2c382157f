//! The leadership report as its readers meet it.

mod figures;
mod pages;
mod readers;
mod records;
mod time;

use std::collections::BTreeSet;

/// Values of an attribute in a page.
fn attributes(html: &str, name: &str) -> BTreeSet<String> {
    html.split(&format!(" {name}=\""))
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|value| value.replace("&amp;", "&"))
        .collect()
}

/// Text of a page without its tags.
fn text(html: &str) -> String {
    html.split('<').filter_map(|part| Some(part.split_once('>')?.1)).collect::<Vec<_>>().join(" ")
}
