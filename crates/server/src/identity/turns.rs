//! Taking turns at work that needs a core and much memory.
//!
//! Promises: no more is under way at once than there are places, also when whoever asked has hung up: a
//! place is free again when the work has ended. Refuses to let more wait than the queue holds. Tills go
//! first: the work is done in a thread that the system puts behind all others.

use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use crate::{Error, Result, codes};

/// A tenth of what a thread in its way gets.
const NICE: i32 = 10;

/// A place that was taken. Given back in this order: who begins to work finds those before gone.
#[derive(Debug)]
pub(super) struct Place {
    _present: SemaphorePermit<'static>,
    _working: SemaphorePermit<'static>,
}

/// Places to work and to wait.
#[derive(Debug)]
pub(super) struct Turns {
    working: Semaphore,
    /// Those at work are among these.
    present: Semaphore,
}

impl Turns {
    /// So many at work, and so many present in all.
    pub(super) const fn new(working: usize, present: usize) -> Turns {
        Turns {
            working: Semaphore::const_new(working),
            present: Semaphore::const_new(present),
        }
    }

    /// A place when it is one's turn, for as long as the answer is kept.
    pub(super) async fn enter(&'static self) -> Result<Place> {
        let present = self
            .present
            .try_acquire()
            .map_err(|_| Error::code(&codes::TOO_MANY_REQUESTS))?;
        let working = self
            .working
            .acquire()
            .await
            .map_err(|error| anyhow::anyhow!(error))?;
        Ok(Place {
            _present: present,
            _working: working,
        })
    }

    /// Does `work` when it is its turn.
    pub(super) async fn take<T: Send + 'static>(
        &'static self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let place = self.enter().await?;
        let (answer, answered) = oneshot::channel();
        let held = move || {
            behind_all_others();
            let done = work();
            drop(place);
            // Whoever asked may have hung up.
            let _ = answer.send(done);
        };
        std::thread::Builder::new()
            .name("password".to_owned())
            .spawn(held)
            .map_err(|error| anyhow::anyhow!(error))?;
        Ok(answered.await.map_err(|error| anyhow::anyhow!(error))?)
    }
}

/// On Linux a thread has a priority of its own. Where it cannot be lowered the work is done as well.
fn behind_all_others() {
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "a thread keeps its priority");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn who_hangs_up_keeps_the_place_until_the_work_has_ended() {
        static TURNS: Turns = Turns::new(1, 2);
        let (go_on, wait) = mpsc::channel::<()>();
        let (began, beginning) = tokio::sync::oneshot::channel();
        let first = tokio::spawn(TURNS.take(move || {
            began.send(()).unwrap();
            wait.recv().unwrap();
        }));
        beginning.await.unwrap();
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        assert_eq!(TURNS.working.available_permits(), 0);

        let second = tokio::spawn(TURNS.take(|| "done"));
        tokio::task::yield_now().await;
        let third = TURNS.take(|| "never").await.unwrap_err();
        assert_eq!(third.wire_code().name, "too_many_requests");
        assert!(!second.is_finished());

        go_on.send(()).unwrap();
        assert_eq!(second.await.unwrap().unwrap(), "done");
        assert_eq!(TURNS.present.available_permits(), 2);
    }
}
