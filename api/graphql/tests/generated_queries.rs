//! Queries with any filter are answered or rejected with a code; none ends the process. The fuzz
//! target `filter` generates them in the same way (`tests/run --fuzz-targets`).
#![allow(clippy::unwrap_used, missing_docs)]

mod generated_query;

use generated_query::{Outcome, run};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_generated_query_is_answered_or_rejected_with_a_code(
        bytes in proptest::collection::vec(any::<u8>(), 0..2_000)
    ) {
        run(&bytes);
    }
}

#[test]
fn many_generated_queries_get_as_far_as_their_statement() {
    let mut state = 1_u64;
    let mut bytes = || {
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        (0..300).map(|_| byte()).collect::<Vec<u8>>()
    };
    let ran = (0..300).filter(|_| run(&bytes()) == Outcome::Ran).count();
    assert!(ran >= 100, "{ran} of 300");
}
