//! A call and the fault it is to have: what of it happens and what is answered.

use crate::sim::book::Book;
use crate::sim::scenario::Fault;

/// What becomes of a call.
#[derive(Debug)]
pub(crate) enum Called<T> {
    /// It is answered.
    Answer(T),
    /// It is answered with a signature that does not hold.
    BadSignature(T),
    SystemError,
    RateLimited,
    /// Nobody ever answers.
    Silence,
    /// The connection breaks.
    Reset,
}

/// Takes the step, unless the fault comes before it.
pub(crate) fn call<T>(
    book: &mut Book,
    fault: Option<Fault>,
    step: impl FnOnce(&mut Book) -> T,
) -> Called<T> {
    let Some(fault) = fault else {
        return Called::Answer(step(book));
    };
    let done = fault.has_effect().then(|| step(book));
    match (fault, done) {
        (Fault::WrongSignature, Some(answer)) => Called::BadSignature(answer),
        (Fault::Timeout, _) => Called::Silence,
        (Fault::RateLimited, _) => Called::RateLimited,
        (Fault::ResetBefore | Fault::ResetAfter, _) => Called::Reset,
        (Fault::SystemErrorDone | Fault::SystemErrorUndone | Fault::WrongSignature, _) => {
            Called::SystemError
        }
    }
}
