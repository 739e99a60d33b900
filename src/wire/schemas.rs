//! How single values look in JSON: the schemas of ids, moments, numbers and words that the wire's
//! objects are made of. The objects describe themselves.

use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::rules::Timestamp;
use crate::rules::ids::{PlayerId, SessionId, StoryId, VoteId};
use crate::rules::turns::Status;
use crate::rules::turns::command::Mode;
use crate::wire::poker::objects::{Distribution, Iso, Number};
use crate::wire::turns::objects::{mode_name, status_name};

const MODES: [Mode; 5] = [
    Mode::PerParticipant,
    Mode::PerCycle,
    Mode::PerGroup,
    Mode::Global,
    Mode::CountUp,
];
const STATUSES: [Status; 4] = [
    Status::Pending,
    Status::Running,
    Status::Paused,
    Status::Completed,
];

macro_rules! schemas {
    ($($type:ty => $schema:expr;)+) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl ToSchema for $type {}
    )+};
}

schemas! {
    SessionId => text(KnownFormat::Uuid);
    PlayerId => text(KnownFormat::Uuid);
    StoryId => text(KnownFormat::Uuid);
    VoteId => text(KnownFormat::Uuid);
    Iso => text(KnownFormat::DateTime);
    Timestamp => ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0));
    Number => Object::with_type(Type::Number);
    Distribution => ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(ObjectBuilder::new().schema_type(Type::Integer)));
    Mode => words(MODES.map(mode_name));
    Status => words(STATUSES.map(status_name));
}

fn text(format: KnownFormat) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(format)))
}

fn words<const N: usize>(words: [&'static str; N]) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
}
