//! Imports between the files of a crate, read from its source, and the circles among them.
//!
//! A file imports another if a path in it leads to an item of the other. A re-export leads on to
//! the file that defines the item. A registry, which is a macro, imports the modules that it names.
//! `mod name;` and code under `#[cfg(test)]` import nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Segments of a module path below the crate's root.
type ModulePath = Vec<String>;

/// The modules of a crate that are files.
pub struct Imports {
    modules: BTreeMap<ModulePath, Module>,
}

/// One file.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// Names that it defines at any depth.
    defined: BTreeSet<String>,
    /// Names that it imports, with their paths.
    imported: BTreeMap<String, Vec<String>>,
    /// Paths that end with `*`.
    globs: Vec<Vec<String>>,
    /// Paths that it uses.
    paths: BTreeSet<Vec<String>>,
    /// Words in the braces of its macros at the top level, such as `registry! { … }`.
    listed: BTreeSet<String>,
}

impl Imports {
    /// Reads the files below a crate's `src` folder.
    pub fn read(source: &Path) -> Self {
        let mut modules = BTreeMap::new();
        for file in files(source) {
            let path = module_path(file.strip_prefix(source).expect("the file is below"));
            let text = std::fs::read_to_string(&file).expect("a readable file");
            let tokens: TokenStream = text.parse().expect("Rust tokens");
            let mut module = Module { file, ..Module::default() };
            let tokens: Vec<TokenTree> = tokens.into_iter().collect();
            module.take(0, &tokens);
            module.take_listed(&tokens);
            modules.insert(path, module);
        }
        Self { modules }
    }

    /// Returns the files that each file imports.
    pub fn edges(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let of = |(path, module): (&ModulePath, &Module)| {
            let paths = module.used().into_iter();
            let listed = module.listed.iter().filter_map(|name| {
                let child: ModulePath = path.iter().chain([name]).cloned().collect();
                self.modules.get(&child).map(|child| child.file.as_path())
            });
            let targets = paths.filter_map(|used| self.definer(path, used, 0)).chain(listed);
            let own = self.modules[path].file.as_path();
            (own, targets.filter(|target| *target != own).collect())
        };
        self.modules.iter().map(of).collect()
    }

    /// Returns the file that defines what a path in a module leads to; none if that is a module
    /// itself or another crate.
    fn definer(&self, from: &ModulePath, used: &[String], depth: usize) -> Option<&Path> {
        // Re-exports that lead to one another never end.
        if depth > 20 {
            return None;
        }
        let absolute = self.absolute(from, used)?;
        let mut length = absolute.len();
        while !self.modules.contains_key(&absolute[..length]) {
            length = length.checked_sub(1)?;
        }
        let module = &self.modules[&absolute[..length]];
        let at = absolute[..length].to_vec();
        let [name, rest @ ..] = &absolute[length..] else {
            // A function can have the name of its module: `pub use year::year`.
            let (name, parent) = absolute.split_last()?;
            let path = self.modules.get(parent)?.imported.get(name)?;
            let leads_on = path.len() > 1 && path.ends_with(&[name.clone(), name.clone()]);
            return if leads_on { self.definer(&parent.to_vec(), path, depth + 1) } else { None };
        };
        if name == "*" {
            return Some(&module.file);
        }
        if module.defined.contains(name) {
            return Some(&module.file);
        }
        if let Some(path) = module.imported.get(name) {
            let path: Vec<String> = path.iter().chain(rest).cloned().collect();
            return self.definer(&at, &path, depth + 1);
        }
        let globbed = module.globs.iter().find_map(|glob| {
            let path: Vec<String> =
                glob[..glob.len() - 1].iter().chain([name]).chain(rest).cloned().collect();
            let file = self.definer(&at, &path, depth + 1)?;
            let defines = |module: &Module| module.file == file && module.defined.contains(name);
            self.modules.values().any(defines).then_some(file)
        });
        // A macro defines what no token shows.
        Some(globbed.unwrap_or(&module.file))
    }

    /// Returns a path from the crate's root; none if it leads to another crate.
    fn absolute(&self, from: &ModulePath, used: &[String]) -> Option<Vec<String>> {
        let mut base = from.clone();
        let mut rest = used;
        match rest.first()?.as_str() {
            "crate" => (base, rest) = (Vec::new(), &rest[1..]),
            "self" | "super" => {
                while let Some(word) =
                    rest.first().filter(|word| *word == "self" || *word == "super")
                {
                    if word == "super" {
                        base.pop()?;
                    }
                    rest = &rest[1..];
                }
            }
            name => {
                let imported = self.modules[from].imported.get(name);
                // `use wilson::wilson` begins with the module, not with what it imports.
                if let Some(path) = imported.filter(|path| path[0] != name) {
                    let path: Vec<String> = path.iter().chain(&used[1..]).cloned().collect();
                    return self.absolute(from, &path);
                }
                base.push(name.to_owned());
                if !self.modules.contains_key(&base) {
                    return None;
                }
                rest = &rest[1..];
            }
        }
        base.extend(rest.iter().cloned());
        Some(base)
    }

    /// Returns the groups of files that import one another, directly or through others, smallest
    /// name first.
    pub fn circles(&self) -> Vec<BTreeSet<&Path>> {
        let edges = self.edges();
        let reached: BTreeMap<&Path, BTreeSet<&Path>> =
            edges.keys().map(|file| (*file, reached(&edges, file))).collect();
        let circle = |file: &&Path| {
            let both = reached[file].iter().copied().filter(|other| reached[other].contains(file));
            both.collect::<BTreeSet<_>>()
        };
        let circles: BTreeSet<_> = edges.keys().map(circle).filter(|it| !it.is_empty()).collect();
        circles.into_iter().collect()
    }

    /// Returns the imports among some files.
    pub fn within<'a>(
        &'a self,
        files: &BTreeSet<&'a Path>,
    ) -> BTreeMap<&'a Path, BTreeSet<&'a Path>> {
        let edges = self.edges().into_iter().filter(|(file, _)| files.contains(file));
        edges
            .map(|(file, targets)| (file, targets.intersection(files).copied().collect()))
            .collect()
    }
}

impl Module {
    /// Returns all paths that lead to items.
    fn used(&self) -> Vec<&[String]> {
        let globs = self.globs.iter().map(Vec::as_slice);
        let imported = self.imported.values().map(Vec::as_slice);
        globs.chain(imported).chain(self.paths.iter().map(Vec::as_slice)).collect()
    }

    /// Takes the definitions, imports and paths of a group of tokens, this many modules deep within
    /// the file.
    fn take(&mut self, depth: usize, tokens: &[TokenTree]) {
        let mut at = 0;
        while at < tokens.len() {
            if is_test(&tokens[at..]) {
                at = end_of_item(tokens, at + 2);
                continue;
            }
            match &tokens[at] {
                TokenTree::Group(group) => {
                    self.take(depth, &group.stream().into_iter().collect::<Vec<_>>());
                    at += 1;
                }
                TokenTree::Ident(word) if word == "use" => {
                    let end = (at..tokens.len()).find(|end| is_punct(tokens, *end, ';'));
                    let end = end.unwrap_or(tokens.len());
                    self.take_use(depth, &mut Vec::new(), &tokens[at + 1..end]);
                    at = end + 1;
                }
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    if let Some(TokenTree::Ident(name)) = tokens.get(at + 1)
                        && DEFINING.contains(&word.as_str())
                        // `&'static Name` defines nothing.
                        && !(at > 0 && is_punct(tokens, at - 1, '\''))
                    {
                        if !(word == "mod" && is_punct(tokens, at + 2, ';')) {
                            self.defined.insert(name.to_string());
                        }
                        if let Some(TokenTree::Group(group)) =
                            tokens.get(at + 2).filter(|_| word == "mod")
                        {
                            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                            self.take(depth + 1, &inner);
                            at += 3;
                            continue;
                        }
                        at += 1;
                        continue;
                    }
                    if word == "macro_rules"
                        && let Some(TokenTree::Ident(name)) = tokens.get(at + 2)
                    {
                        self.defined.insert(name.to_string());
                    }
                    let mut segments = vec![word];
                    while let Some(TokenTree::Ident(next)) =
                        tokens.get(at + 3).filter(|_| is_separator(tokens, at + 1))
                    {
                        segments.push(next.to_string());
                        at += 3;
                    }
                    if segments.len() > 1 {
                        self.paths.insert(from_file(depth, &segments));
                    }
                    at += 1;
                }
                _ => at += 1,
            }
        }
    }

    /// Takes the words that macros at the top level list.
    fn take_listed(&mut self, tokens: &[TokenTree]) {
        for call in tokens.windows(3) {
            if let [TokenTree::Ident(_), TokenTree::Punct(mark), TokenTree::Group(group)] = call
                && mark.as_char() == '!'
                && group.delimiter() == Delimiter::Brace
            {
                let words = group.stream().into_iter().filter_map(|token| match token {
                    TokenTree::Ident(word) => Some(word.to_string()),
                    _ => None,
                });
                self.listed.extend(words);
            }
        }
    }

    /// Takes a tree of imports below `before`.
    fn take_use(&mut self, depth: usize, before: &mut Vec<String>, tokens: &[TokenTree]) {
        let length = before.len();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Ident(word) if word == "as" => {
                    if let Some(TokenTree::Ident(alias)) = tokens.get(at + 1) {
                        self.imported.insert(alias.to_string(), from_file(depth, before));
                    }
                    before.truncate(length);
                    at += 2;
                }
                TokenTree::Ident(word) => {
                    before.push(word.to_string());
                    at += 1;
                    let is_end = at == tokens.len() || is_punct(tokens, at, ',');
                    if is_end {
                        if before.len() > 1 && word == "self" {
                            before.pop();
                        }
                        if let Some(name) = before.last().cloned() {
                            self.imported.insert(name, from_file(depth, before));
                        }
                        before.truncate(length);
                    }
                }
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    self.take_use(depth, before, &group.stream().into_iter().collect::<Vec<_>>());
                    before.truncate(length);
                    at += 1;
                }
                TokenTree::Punct(star) if star.as_char() == '*' => {
                    let mut glob = before.clone();
                    glob.push("*".into());
                    self.globs.push(from_file(depth, &glob));
                    before.truncate(length);
                    at += 1;
                }
                _ => at += 1,
            }
        }
    }
}

/// Returns the files that a file imports, directly or through others.
fn reached<'a>(
    edges: &BTreeMap<&'a Path, BTreeSet<&'a Path>>,
    start: &'a Path,
) -> BTreeSet<&'a Path> {
    let mut found = BTreeSet::new();
    let mut next = vec![start];
    while let Some(file) = next.pop() {
        next.extend(edges[file].iter().copied().filter(|target| found.insert(*target)));
    }
    found
}

/// Returns a path as written at the top of its file, instead of this many modules deep within it.
fn from_file(depth: usize, path: &[String]) -> Vec<String> {
    let within = path.iter().take_while(|word| *word == "super").count().min(depth);
    let own = (within > 0).then(|| "self".to_owned());
    own.into_iter().chain(path[within..].iter().cloned()).collect()
}

/// Words before the name that an item defines.
const DEFINING: [&str; 9] =
    ["fn", "struct", "enum", "trait", "type", "const", "static", "union", "mod"];

fn is_punct(tokens: &[TokenTree], at: usize, wanted: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens, at, ':') && is_punct(tokens, at + 1, ':')
}

/// Returns whether the tokens begin with `#[cfg(test)]`.
fn is_test(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(hash), TokenTree::Group(group), ..]
        if hash.as_char() == '#' && group.stream().to_string().replace(' ', "") == "cfg(test)")
}

/// Returns the position after an item: after its block or its semicolon.
fn end_of_item(tokens: &[TokenTree], start: usize) -> usize {
    let is_block = |at: usize| matches!(&tokens[at], TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let end = (start..tokens.len()).find(|at| is_block(*at) || is_punct(tokens, *at, ';'));
    end.map_or(tokens.len(), |end| end + 1)
}

fn module_path(file: &Path) -> ModulePath {
    let mut path: ModulePath = file
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if path.last().is_some_and(|name| ["mod", "lib"].contains(&name.as_str())) {
        path.pop();
    }
    path
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(sources: &[(&str, &str)]) -> Vec<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in sources {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let imports = Imports::read(folder.path());
        let name = |file: &Path| file.strip_prefix(folder.path()).unwrap().display().to_string();
        let circles = imports.circles().into_iter();
        circles.map(|files| files.into_iter().map(name).collect()).collect()
    }

    #[test]
    fn files_that_import_one_another_are_a_circle() {
        let found = circles(&[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::B; pub struct A(B);"),
            ("b.rs", "pub struct B; fn f() -> super::c::C { todo!() }"),
            ("c.rs", "use super::a::{self, A as Other}; pub struct C;"),
        ]);
        assert_eq!(found, [["a.rs", "b.rs", "c.rs"]]);
    }

    #[test]
    fn a_parent_and_its_child_are_a_circle_only_if_each_uses_an_item_of_the_other() {
        let child = ("a/child.rs", "use super::A; pub fn make() -> A { A }");
        let declares = ("a.rs", "mod child; pub struct A;");
        let uses = ("a.rs", "mod child; pub struct A; fn f() { child::make(); }");
        let reexports = ("a.rs", "mod child; pub use child::make; pub struct A;");
        assert!(circles(&[declares, child]).is_empty());
        assert_eq!(circles(&[uses, child]), [["a/child.rs", "a.rs"]]);
        assert_eq!(circles(&[reexports, child]), [["a/child.rs", "a.rs"]]);
    }

    #[test]
    fn a_reexport_leads_to_the_file_that_defines_the_item() {
        let found = circles(&[
            ("a.rs", "mod child; mod model; pub use model::A; fn f() { child::make(); }"),
            ("a/model.rs", "pub struct A;"),
            ("a/child.rs", "use super::A; pub fn make() -> A { A }"),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn a_registry_imports_the_modules_that_it_names() {
        let registry = ("a.rs", "registry! { child; } pub struct A; pub struct B;");
        let child = |text| ("a/child.rs", text);
        let imports = child("use super::A; pub static CHILD: A = A;");
        assert_eq!(circles(&[registry, imports]), [["a/child.rs", "a.rs"]]);
        assert!(circles(&[registry, child("pub static CHILD: u8 = 1;")]).is_empty());
    }

    #[test]
    fn a_module_within_a_file_belongs_to_the_file() {
        let found = circles(&[
            ("a.rs", "mod child; fn f() { child::inner::make(); }"),
            (
                "a/child.rs",
                "pub struct B; pub mod inner { use super::B; pub fn make() -> B { B } }",
            ),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn tests_comments_and_strings_import_nothing() {
        let found = circles(&[
            ("a.rs", "use crate::b::B; pub struct A(B);"),
            (
                "b.rs",
                "/// [`crate::a::A`]\npub struct B; const C: &str = \"crate::a::A\";\n\
                #[cfg(test)] mod tests { use crate::a::A; }",
            ),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }
}
