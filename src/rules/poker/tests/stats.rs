//! Consensus and statistics of a round, to the letter of the protocol.

use super::*;
use crate::rules::poker::Vote;
use crate::rules::poker::stats::{Consensus, Statistics, numeric};

/// Cards in the order of first votes, by as many players.
fn cards(values: &str) -> Vec<Vote> {
    let values = values.split_whitespace();
    (1..).zip(values).map(|(n, value)| card(n, value)).collect()
}

fn card(n: u128, value: &str) -> Vote {
    Vote {
        id: VoteId::new(Uuid::from_u128(n)),
        player: PlayerId::new(Uuid::from_u128(n)),
        value: value.into(),
        confidence: None,
        first_at: START,
        changed_at: START,
    }
}

fn confident(n: u128, value: &str, confidence: u8) -> Vote {
    let confidence = Some(confidence);
    Vote {
        confidence,
        ..card(n, value)
    }
}

fn consensus(values: &str) -> Consensus {
    Consensus::of(&cards(values)).expect("there are votes")
}

fn statistics(values: &str) -> Option<Statistics> {
    Statistics::of(&cards(values))
}

fn close(left: Option<f64>, right: Option<f64>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => (left - right).abs() < 1e-9,
        (left, right) => left.is_none() && right.is_none(),
    }
}

/// Two moderate numbers are the same.
fn same(left: f64, right: f64) -> bool {
    close(Some(left), Some(right))
}

#[test]
fn the_table_of_the_contract_holds_row_by_row() {
    let spread = 1.687_5_f64.sqrt();
    let table = [
        ("5 5", true, "5", Some(5.0), Some(0.0)),
        ("8 3", false, "3", Some(5.5), Some(2.5)),
        ("5 5 5 8", false, "5", Some(5.75), Some(spread)),
        ("5 5 5 5 8", true, "5", Some(5.6), Some(1.2)),
        ("? ? 5", false, "?", Some(5.0), Some(0.0)),
        ("☕ ☕", true, "☕", None, None),
    ];
    for (values, reached, value, average, deviation) in table {
        let found = consensus(values);
        assert_eq!(
            (found.reached(), found.value.as_str()),
            (reached, value),
            "{values}"
        );
        assert!(close(found.average, average), "{values}: {found:?}");
        assert!(close(found.deviation, deviation), "{values}: {found:?}");
    }
}

#[test]
fn no_votes_have_no_consensus_and_no_statistics() {
    assert_eq!(Consensus::of(&cards("")), None);
    assert_eq!(Statistics::of(&cards("")), None);
}

#[test]
fn a_tie_goes_to_the_smallest_plain_integer_else_to_the_first_played() {
    let table = [
        ("5 3", "3"),
        ("? 8 ☕", "8"),
        ("13 8 5", "5"),
        ("20 100", "20"),
        ("☕ ?", "☕"),
        ("05 5", "5"),
        ("05 03", "05"),
        ("0.5 1", "1"),
        ("0.5 0.25", "0.5"),
        ("-1 2", "2"),
        ("+3 4", "4"),
        ("XL 0", "0"),
        ("00 XL", "00"),
        ("M S L S M", "M"),
    ];
    for (values, value) in table {
        assert_eq!(consensus(values).value, value, "{values}");
    }
}

#[test]
fn four_of_five_equal_votes_are_agreement_and_less_is_not() {
    for (values, reached) in [
        ("5", true),
        ("5 5 5 5 8", true),
        ("1 1 1 1 1 1 1 1 2 2", true),
        ("1 1 1 1 1 1 1 1 1 1 1 1 2 2 2", true),
        ("1 1 1 1 1 1 1 2 2", false),
        ("5 5 5 8", false),
        ("5 05", false),
    ] {
        assert_eq!(consensus(values).reached(), reached, "{values}");
    }
}

#[test]
fn the_distribution_counts_values_as_texts_and_the_total_counts_all() {
    let found = consensus("5 ? 5 5.0 ☕");
    let expected = [("5", 2), ("?", 1), ("5.0", 1), ("☕", 1)];
    assert_eq!(
        found.distribution,
        expected.map(|(value, count)| (value.to_owned(), count))
    );
    assert_eq!(found.total, 5);
    assert!(same(found.agreement, 0.4));
}

#[test]
fn an_average_of_zero_is_an_average() {
    let found = consensus("0 0");
    assert!(close(found.average, Some(0.0)) && close(found.deviation, Some(0.0)));
}

#[test]
fn numbers_are_decimals_with_optional_sign_point_and_exponent() {
    for (text, number) in [
        ("5", 5.0),
        (" 8 ", 8.0),
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("-1", -1.0),
        ("+3", 3.0),
        ("1e2", 100.0),
        ("1E-2", 0.01),
    ] {
        assert!(close(numeric(text), Some(number)), "{text}");
    }
    for text in [
        "", " ", "?", "☕", "coffee", "½", "inf", "-inf", "nan", "NaN", "Infinity", "0x1F",
        "1_000", "5,5", "1e", "e5", ".", "-", "1 2", "٣", "1e999",
    ] {
        assert_eq!(numeric(text), None, "{text}");
    }
}

#[test]
fn the_median_is_the_upper_of_the_two_middle_ones() {
    for (values, min, max, median) in [
        ("1 3 5 8", 1.0, 8.0, 5.0),
        ("8 3", 3.0, 8.0, 8.0),
        ("13 1 5", 1.0, 13.0, 5.0),
        ("? 2 ☕", 2.0, 2.0, 2.0),
    ] {
        let found = statistics(values).expect("there are numbers");
        assert!(
            same(found.min, min) && same(found.max, max) && same(found.median, median),
            "{values}: {found:?}"
        );
    }
}

#[test]
fn the_standard_deviation_is_that_of_the_population_and_zero_of_one_number() {
    let of = |values| statistics(values).map(|found| found.standard_deviation);
    assert!(close(of("8 3"), Some(2.5)));
    assert!(close(of("8 ?"), Some(0.0)));
}

#[test]
fn confidences_of_all_votes_count_even_of_those_without_a_number() {
    let votes = [confident(1, "?", 5), confident(2, "8", 2), card(3, "5")];
    let found = Statistics::of(&votes).expect("there are numbers");
    assert!(same(found.confidence_average, 3.5));
    let none = statistics("5 8").expect("there are numbers");
    assert!(same(none.confidence_average, 0.0));
}

#[test]
fn votes_without_a_number_have_no_statistics() {
    assert_eq!(statistics("? ☕"), None);
}

#[test]
fn numbers_too_large_to_average_have_no_average_instead_of_an_infinite_one() {
    for values in ["1e308 1e308", "1e308 -1e308", "1e200 5"] {
        let found = consensus(values);
        let numbers = [found.average, found.deviation];
        assert!(
            numbers.iter().flatten().all(|number| number.is_finite()),
            "{values}: {found:?}"
        );
        assert_eq!(statistics(values), None, "{values}");
    }
}

#[test]
fn only_an_agreed_number_or_name_is_an_estimate() {
    for (values, estimate) in [
        ("5 5", Some("5")),
        ("XL XL", Some("XL")),
        ("5 8", None),
        ("? ?", None),
        ("☕ ☕", None),
        ("coffee coffee", None),
    ] {
        assert_eq!(consensus(values).estimate(), estimate, "{values}");
    }
}
