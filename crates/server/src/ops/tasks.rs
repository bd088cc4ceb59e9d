//! Work beside requests: started in one place, waited for at the end.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Everything that runs beside requests.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stopping: CancellationToken,
}

impl Tasks {
    /// Runs `work` until it ends by itself.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(work);
    }

    /// The same on a thread of its own, for work that must not stand behind requests in their queue.
    pub fn spawn_thread<F: Future<Output = ()>>(
        &self,
        name: String,
        work: impl FnOnce() -> F + Send + 'static,
    ) -> std::io::Result<()> {
        let alive = self.tracker.token();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        std::thread::Builder::new().name(name).spawn(move || {
            runtime.block_on(async { work().await });
            drop(alive);
        })?;
        Ok(())
    }

    /// Ends when the server begins to stop.
    pub async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// Waits so long. False: the server began to stop meanwhile.
    pub async fn pause(&self, time: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            () = self.stopping() => false,
        }
    }

    /// Whether the server has begun to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Tells everything to end.
    pub fn begin_stop(&self) {
        self.stopping.cancel();
    }

    /// Tells everything to end and waits for it.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}
