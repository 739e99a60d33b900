//! The types of the page are those of the objects that the server sends and describes.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use ts_rs::{Config, TS, TypeVisitor};

use super::super::joining::Joined;
use super::super::sessions::Created;
use super::super::voting::Receipt;
use super::requests::{
    AddedStory, Estimate, JoinRequest, NewSession, NewVote, NextRound, Place, PlayerChange,
    SessionChange, StoryChange, StoryList,
};
use crate::rules::ids::{PlayerId, SessionId, StoryId, VoteId};
use crate::wire::poker::history::RoundObject;
use crate::wire::poker::objects::{Distribution, Iso, Number};
use crate::wire::poker::payloads::{Acknowledgement, Guest, tour};

const FILE: &str = "ui/src/session/wire.ts";
const REWRITE: &str = "UPDATE_SNAPSHOTS";
const HEAD: &str = "\
// Made by `make types` from what the server says of itself in src/wire/poker/ and src/http/poker/; not to be edited.
// Times are ISO-8601 texts, ids are UUIDs. An optional field without a value is absent, never `null`.
";

/// Single values, as JSON has them.
macro_rules! values {
    ($($type:ty => $name:literal,)+) => {$(
        impl TS for $type {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn name(_: &Config) -> String {
                $name.to_owned()
            }

            fn inline(_: &Config) -> String {
                $name.to_owned()
            }
        }
    )+};
}

values! {
    SessionId => "string",
    PlayerId => "string",
    StoryId => "string",
    VoteId => "string",
    Iso => "string",
    Number => "number",
    Distribution => "Record<string, number>",
}

/// The types that the page may name, each once, and the events.
struct Page {
    config: Config,
    seen: HashSet<TypeId>,
    declarations: BTreeMap<String, String>,
    events: String,
}

impl Page {
    fn whole() -> Self {
        let mut page = Self {
            config: Config::new().with_large_int("number"),
            seen: HashSet::new(),
            declarations: BTreeMap::new(),
            events: String::new(),
        };
        tour(&mut page);
        page.answers();
        page.requests();
        page
    }

    fn answers(&mut self) {
        TypeVisitor::visit::<Acknowledgement<'_>>(self);
        TypeVisitor::visit::<Created<'_>>(self);
        TypeVisitor::visit::<Joined<'_>>(self);
        TypeVisitor::visit::<Receipt>(self);
        TypeVisitor::visit::<RoundObject<'_>>(self);
    }

    fn requests(&mut self) {
        TypeVisitor::visit::<NewSession>(self);
        TypeVisitor::visit::<SessionChange>(self);
        TypeVisitor::visit::<JoinRequest>(self);
        TypeVisitor::visit::<PlayerChange>(self);
        TypeVisitor::visit::<AddedStory>(self);
        TypeVisitor::visit::<StoryList>(self);
        TypeVisitor::visit::<StoryChange>(self);
        TypeVisitor::visit::<Place>(self);
        TypeVisitor::visit::<Estimate>(self);
        TypeVisitor::visit::<NewVote>(self);
        TypeVisitor::visit::<NextRound>(self);
    }

    fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for declaration in self.declarations.values() {
            write!(text, "\nexport {declaration}\n").expect("texts grow");
        }
        let events = &self.events;
        write!(
            text,
            "\n/** Payloads by event. */\nexport interface ServerEvents {{\n{events}}}\n"
        )
        .expect("texts grow");
        text
    }
}

impl TypeVisitor for Page {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        let is_object = T::output_path().is_some();
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if is_object {
            let declaration = T::decl(&self.config);
            let known = self
                .declarations
                .insert(T::ident(&self.config), declaration.clone());
            let unique = known.is_none_or(|known| known == declaration);
            assert!(unique, "two types are called {}", T::ident(&self.config));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

impl Guest for Page {
    fn visit<T: TS + 'static>(&mut self, name: &str) {
        TypeVisitor::visit::<T>(self);
        let payload = T::name(&self.config);
        writeln!(self.events, "  '{name}': {payload};").expect("texts grow");
    }
}

#[test]
fn the_page_has_the_types_of_the_server() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let made = Page::whole().text();
    if env::var_os(REWRITE).is_some() {
        fs::write(&file, &made).expect("a file that can be written");
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == made,
        "{FILE} does not have the types that the server has: `make types` writes it anew"
    );
}
