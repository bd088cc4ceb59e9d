//! What is to go wrong, or to take its time: scenarios, how they are written and for which trade they are meant.
//!
//! A scenario is a name, `timeout`, or a name with a number, `user_paying:20`; several are joined by commas. A fault of
//! a call happens once (or the number of times that follows it) and is used up; everything else holds for its trade.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A kind of call a fault can hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Call {
    Pay,
    Query,
    /// Reversing, cancelling and closing.
    Reverse,
    Refund,
}

impl Call {
    /// Every kind, with what its faults begin with.
    const PREFIXES: [(Call, &'static str); 4] = [
        (Call::Query, "query_"),
        (Call::Reverse, "reverse_"),
        (Call::Refund, "refund_"),
        (Call::Pay, ""),
    ];
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fault {
    /// It has its effect and is never answered.
    Timeout,
    /// The connection breaks before it has an effect.
    ResetBefore,
    /// It has its effect, then the connection breaks.
    ResetAfter,
    /// It has its effect; the answer's signature does not hold.
    WrongSignature,
    /// It has its effect; the answer says that the system failed.
    SystemErrorDone,
    /// It has no effect; the answer says that the system failed.
    SystemErrorUndone,
    /// It has no effect: too many calls.
    RateLimited,
}

impl Fault {
    const NAMES: [(Fault, &'static str); 7] = [
        (Fault::Timeout, "timeout"),
        (Fault::ResetBefore, "reset_before"),
        (Fault::ResetAfter, "reset_after"),
        (Fault::WrongSignature, "wrong_signature"),
        (Fault::SystemErrorDone, "system_error_paid"),
        (Fault::SystemErrorUndone, "system_error_unpaid"),
        (Fault::RateLimited, "rate_limited"),
    ];

    /// Whether the call still has its effect.
    pub(crate) fn has_effect(self) -> bool {
        !matches!(
            self,
            Fault::ResetBefore | Fault::SystemErrorUndone | Fault::RateLimited
        )
    }
}

/// What is wrong with a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum BillFault {
    MissingRow,
    ExtraRow,
    AlteredRow,
    WrongHash,
    Creating,
    None,
}

/// One thing that is to happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scenario {
    /// Nothing special; forgets what was planned.
    Success,
    /// The customer types a password after so many seconds.
    UserPaying(i64),
    /// The customer never does, and the gateway does not give up.
    UserPayingForever,
    /// The customer has too little.
    NotEnough,
    /// The payment code is too old.
    CodeExpired,
    /// Answers and notifications say one fen more than what moved.
    WrongAmount,
    /// A call fails, so many times.
    Fault(Call, Fault, i64),
    /// Each notification comes twice.
    NotifyTwice,
    /// Notifications come so many seconds late.
    NotifyLate(i64),
    /// The payment's notification comes after the refund's.
    NotifyOutOfOrder,
    /// No notification comes.
    NotifyNever,
    /// Reversing has to be repeated so many times (`recall=Y`, `retry_flag=Y`).
    ReverseRecall(i64),
    /// Reversing is refused so many times: the customer is paying.
    ReverseUserPaying(i64),
    /// The customer's account does not take the refund.
    RefundAbnormal,
    /// A refund takes so many seconds.
    RefundProcessing(i64),
    /// The merchant has too little for a refund, so many times.
    RefundNotEnough(i64),
    /// The customer pays so many seconds after the trade was closed.
    LateSuccess(i64),
    /// The next bill.
    Bill(BillFault),
}

/// Names of scenarios that stand alone or carry a number, with the number they have without one.
type Named = (&'static str, i64, fn(i64) -> Scenario);

const NAMED: [Named; 22] = [
    ("success", 0, |_| Scenario::Success),
    ("user_paying", 10, Scenario::UserPaying),
    ("user_paying_forever", 0, |_| Scenario::UserPayingForever),
    ("not_enough", 0, |_| Scenario::NotEnough),
    ("code_expired", 0, |_| Scenario::CodeExpired),
    ("wrong_amount", 0, |_| Scenario::WrongAmount),
    ("notify_twice", 0, |_| Scenario::NotifyTwice),
    ("notify_late", 60, Scenario::NotifyLate),
    ("notify_out_of_order", 0, |_| Scenario::NotifyOutOfOrder),
    ("notify_never", 0, |_| Scenario::NotifyNever),
    ("reverse_recall", 1, Scenario::ReverseRecall),
    ("reverse_user_paying", 1, Scenario::ReverseUserPaying),
    ("refund_abnormal", 0, |_| Scenario::RefundAbnormal),
    ("refund_processing", 10, Scenario::RefundProcessing),
    ("refund_not_enough", 1, Scenario::RefundNotEnough),
    ("late_success", 5, Scenario::LateSuccess),
    ("bill_missing_row", 0, |_| {
        Scenario::Bill(BillFault::MissingRow)
    }),
    ("bill_extra_row", 0, |_| Scenario::Bill(BillFault::ExtraRow)),
    ("bill_altered_row", 0, |_| {
        Scenario::Bill(BillFault::AlteredRow)
    }),
    ("bill_wrong_hash", 0, |_| {
        Scenario::Bill(BillFault::WrongHash)
    }),
    ("bill_creating", 0, |_| Scenario::Bill(BillFault::Creating)),
    ("bill_none", 0, |_| Scenario::Bill(BillFault::None)),
];

impl Scenario {
    /// Reads scenarios joined by commas; `None` when one of them is unknown.
    pub(crate) fn parse_all(text: &str) -> Option<Vec<Scenario>> {
        text.split(',')
            .map(|one| Scenario::parse(one.trim()))
            .collect()
    }

    fn parse(text: &str) -> Option<Scenario> {
        let (name, number) = match text.split_once(':') {
            Some((name, number)) => (name, Some(number.parse().ok().filter(|n| *n >= 0)?)),
            None => (text, None),
        };
        if let Some((_, usual, make)) = NAMED.iter().find(|(known, ..)| *known == name) {
            return Some(make(number.unwrap_or(*usual)));
        }
        let (call, rest) = Call::PREFIXES
            .iter()
            .find_map(|(call, prefix)| Some((*call, name.strip_prefix(prefix)?)))?;
        let (fault, _) = Fault::NAMES.iter().find(|(_, known)| *known == rest)?;
        Some(Scenario::Fault(call, *fault, number.unwrap_or(1)))
    }

    /// Every name there is, those for the payment itself first.
    pub(crate) fn names() -> Vec<String> {
        let named = NAMED.iter().map(|(name, ..)| (*name).to_owned());
        let faults = Call::PREFIXES.iter().rev().flat_map(|(_, prefix)| {
            Fault::NAMES
                .iter()
                .map(move |(_, fault)| format!("{prefix}{fault}"))
        });
        named.chain(faults).collect()
    }

    /// What a payment code asks for by its end: `99` and the place of the scenario in [`Scenario::names`], as in `…9901`.
    pub(crate) fn of_code(code: &str) -> Option<Scenario> {
        let end = code.get(code.len().checked_sub(6)?..)?;
        let place: usize = end.strip_prefix("9900")?.parse().ok()?;
        Scenario::parse(Scenario::names().get(place)?)
    }
}

/// For which trade a scenario is meant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Match {
    OutTradeNo(String),
    AuthCode(String),
    /// The next trade, or bill, whatever the value says.
    Next(serde_json::Value),
}

/// What is planned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plans {
    by_number: BTreeMap<String, Vec<Scenario>>,
    by_code: BTreeMap<String, Vec<Scenario>>,
    next: Vec<Vec<Scenario>>,
    bills: Vec<BillFault>,
}

impl Plans {
    /// Plans; `hash` hides a payment code.
    pub(crate) fn add(
        &mut self,
        of: &Match,
        scenarios: Vec<Scenario>,
        hash: impl Fn(&str) -> String,
    ) {
        let (bills, rest): (Vec<_>, Vec<_>) = scenarios
            .into_iter()
            .partition(|scenario| matches!(scenario, Scenario::Bill(_)));
        self.bills
            .extend(bills.into_iter().filter_map(|bill| match bill {
                Scenario::Bill(fault) => Some(fault),
                _ => None,
            }));
        if rest.is_empty() {
            return;
        }
        match of {
            Match::OutTradeNo(no) => merge(self.by_number.entry(no.clone()).or_default(), rest),
            Match::AuthCode(code) => merge(self.by_code.entry(hash(code)).or_default(), rest),
            Match::Next(_) => self.next.push(rest),
        }
    }

    /// Gives a trade that is about to begin what was planned for its code or for the next one.
    pub(crate) fn assign(&mut self, no: &str, code: Option<(&str, &str)>) {
        if self.by_number.contains_key(no) {
            return;
        }
        let by_code = code.and_then(|(_, hash)| self.by_code.remove(hash));
        let by_end = || code.and_then(|(code, _)| Some(vec![Scenario::of_code(code)?]));
        let mut next = || (!self.next.is_empty()).then(|| self.next.remove(0));
        let found = by_code.or_else(by_end).or_else(&mut next);
        if let Some(found) = found {
            self.by_number.insert(no.to_owned(), found);
        }
    }

    /// What is planned for a trade.
    pub(crate) fn of(&self, no: &str) -> &[Scenario] {
        self.by_number.get(no).map_or(&[], Vec::as_slice)
    }

    /// Takes a fault of this call, if one is planned.
    pub(crate) fn take_fault(&mut self, no: &str, call: Call) -> Option<Fault> {
        self.take(no, |scenario| match scenario {
            Scenario::Fault(of, fault, left) if *of == call && *left > 0 => {
                *left -= 1;
                Some(*fault)
            }
            _ => None,
        })
    }

    /// Takes one of a scenario that counts, `of` being a way to count it down.
    pub(crate) fn take<T>(
        &mut self,
        no: &str,
        of: impl FnMut(&mut Scenario) -> Option<T>,
    ) -> Option<T> {
        self.by_number.get_mut(no)?.iter_mut().find_map(of)
    }

    /// What is wrong with the bill that is asked for.
    pub(crate) fn take_bill(&mut self) -> Option<BillFault> {
        (!self.bills.is_empty()).then(|| self.bills.remove(0))
    }

    /// How many wait for the next trade.
    pub(crate) fn waiting(&self) -> usize {
        self.next.len()
    }
}

/// `success` begins anew.
fn merge(planned: &mut Vec<Scenario>, new: Vec<Scenario>) {
    for scenario in new {
        if scenario == Scenario::Success {
            planned.clear();
        } else {
            planned.push(scenario);
        }
    }
}
