use proptest::prelude::*;

use super::*;

const ASKED: Money = Money::from_fen(1000);

fn attempt(product: Product, state: AttemptState) -> Attempt {
    Attempt {
        state,
        product,
        amount: ASKED,
        dispatched_at: Instant(0),
        expires_at: Instant(900_000),
        checks: 0,
    }
}

/// Plays answers every time the attempt is to be looked at, until it needs no look or the answers end.
fn play(product: Product, answers: &[Seen]) -> (AttemptState, Vec<i64>, Vec<Action>) {
    let mut at = attempt(product, AttemptState::Dispatched);
    let mut next = Some(Instant(5000));
    let (mut times, mut actions) = (Vec::new(), Vec::new());
    for seen in answers {
        let Some(now) = next else { break };
        times.push(now.0 / 1000);
        actions.extend(due(at.state));
        let after = after(&at, *seen, true, now);
        at.checks = if after.state == at.state {
            at.checks + 1
        } else {
            0
        };
        at.state = after.state;
        next = after.check_at;
    }
    (at.state, times, actions)
}

#[test]
fn a_wechat_code_is_asked_after_every_five_seconds_and_given_up_at_45() {
    let mut answers = vec![Seen::Waiting; 9];
    answers.extend([Seen::Again, Seen::GivenUp, Seen::Absent]);
    let (state, times, actions) = play(Product::WechatCode, &answers);
    assert_eq!(times, [5, 10, 15, 20, 25, 30, 35, 40, 45, 45, 50, 95]);
    assert_eq!(
        actions[8..],
        [Action::Query, Action::GiveUp, Action::GiveUp, Action::Query]
    );
    assert_eq!(state, AttemptState::Reversed);
}

#[test]
fn alipay_is_cancelled_right_after_the_last_question() {
    let mut answers = vec![Seen::Waiting; 10];
    answers.extend([Seen::GivenUp]);
    let (state, times, actions) = play(Product::AlipayCode, &answers);
    assert_eq!(times.last(), Some(&30));
    assert_eq!(times[times.len() - 2..], [30, 30]);
    assert_eq!(actions.last(), Some(&Action::GiveUp));
    assert_eq!(state, AttemptState::Reversed);
}

#[test]
fn wechat_is_not_given_up_before_15_seconds() {
    let at = attempt(Product::WechatCode, AttemptState::UserPaying);
    assert_eq!(
        give_up(&at, Instant(4000)).unwrap().check_at,
        Some(Instant(15_000))
    );
    let at = attempt(Product::AlipayCode, AttemptState::UserPaying);
    assert_eq!(
        give_up(&at, Instant(4000)).unwrap().check_at,
        Some(Instant(4000))
    );
}

#[test]
fn no_answer_is_never_a_refusal() {
    for product in Product::ALL {
        for state in [
            AttemptState::Dispatched,
            AttemptState::UserPaying,
            AttemptState::Unknown,
        ] {
            for seen in [Seen::Nothing, Seen::Absent, Seen::Waiting, Seen::Again] {
                let next = after(&attempt(product, state), seen, true, Instant(6000));
                assert!(!next.state.is_over(), "{product:?} {state:?} {seen:?}");
                assert!(next.check_at.is_some());
            }
        }
    }
}

#[test]
fn a_code_payment_that_is_being_reversed_is_reversed_even_when_it_is_seen_paid() {
    let at = attempt(Product::WechatCode, AttemptState::Reversing);
    assert_eq!(
        after(&at, Seen::Paid(ASKED), true, Instant(50_000)).state,
        AttemptState::Reversing
    );
    let at = attempt(Product::Qr, AttemptState::Reversing);
    assert_eq!(
        after(&at, Seen::Paid(ASKED), true, Instant(50_000)).state,
        AttemptState::Succeeded
    );
    assert_eq!(
        after(&at, Seen::Paid(ASKED), false, Instant(50_000)).state,
        AttemptState::LatePaid
    );
}

#[test]
fn what_the_gateway_does_not_know_failed_only_when_it_cannot_arrive_any_more() {
    let at = attempt(Product::WechatCode, AttemptState::Reversing);
    let seen = |now| after(&at, Seen::Absent, true, Instant(now)).state;
    assert_eq!(seen(89_000), AttemptState::Reversing);
    assert_eq!(seen(90_000), AttemptState::Failed);
}

#[test]
fn another_amount_is_never_a_payment() {
    let at = attempt(Product::Qr, AttemptState::UserPaying);
    let next = after(&at, Seen::Paid(Money::from_fen(1)), true, Instant(6000));
    assert_eq!(
        next,
        Next {
            state: AttemptState::Differs,
            check_at: None
        }
    );
}

#[test]
fn money_after_the_end_is_late() {
    for state in [AttemptState::Failed, AttemptState::Reversed] {
        let at = attempt(Product::AlipayCode, state);
        assert_eq!(
            after(&at, Seen::Paid(ASKED), true, Instant(1)).state,
            AttemptState::LatePaid
        );
    }
}

#[test]
fn a_refund_is_sent_until_it_is_known() {
    let now = Instant(0);
    let (state, at) = refund_after(RefundState::Requested, RefundSeen::Nothing, 3, now);
    assert_eq!((state, at), (RefundState::Requested, Some(Instant(40_000))));
    let (state, at) = refund_after(RefundState::Processing, RefundSeen::Done, 3, now);
    assert_eq!((state, at), (RefundState::Succeeded, None));
    let (state, _) = refund_after(RefundState::Succeeded, RefundSeen::Abnormal, 3, now);
    assert_eq!(state, RefundState::Succeeded);
}

fn any_seen() -> impl Strategy<Value = Seen> {
    prop_oneof![
        Just(Seen::Paid(ASKED)),
        Just(Seen::Paid(Money::from_fen(999))),
        Just(Seen::Waiting),
        Just(Seen::Declined),
        Just(Seen::Broken),
        Just(Seen::Closed),
        Just(Seen::Absent),
        Just(Seen::Nothing),
        Just(Seen::GivenUp),
        Just(Seen::Again),
    ]
}

proptest! {
    /// Whatever comes in whatever order: what is over stays as it is or becomes late money, and what is not over
    /// is looked at again, unless a person has to decide.
    #[test]
    fn what_is_over_stays_over(
        product in prop::sample::select(Product::ALL.to_vec()),
        reports in prop::collection::vec((any_seen(), any::<bool>(), 0i64..60_000), 1..40),
    ) {
        let mut at = attempt(product, AttemptState::Dispatched);
        let mut now = Instant(0);
        for (seen, is_wanted, pause) in reports {
            now = now.plus_ms(pause);
            let next = after(&at, seen, is_wanted, now);
            if at.state.is_over() && next.state != at.state {
                prop_assert_eq!(next.state, AttemptState::LatePaid);
                prop_assert!(matches!(at.state, AttemptState::Failed | AttemptState::Reversed));
            }
            if !next.state.is_over() && next.state != AttemptState::Differs {
                prop_assert!(next.check_at.is_some_and(|at| at >= now));
            }
            if next.state == AttemptState::Succeeded && at.state != AttemptState::Succeeded {
                prop_assert!(is_wanted && seen == Seen::Paid(ASKED));
            }
            at.checks = if next.state == at.state { at.checks + 1 } else { 0 };
            at.state = next.state;
        }
    }
}
