//! Bounded work off the async threads.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Runs jobs on blocking threads, so many at a time; so many more wait; the rest is refused at once.
#[derive(Debug)]
pub(super) struct Pool {
    workers: Arc<Semaphore>,
    queue: Semaphore,
    patience: Duration,
}

/// Why a job gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PoolFault {
    /// No place, or no turn in time.
    Busy,
    /// The job panicked; the panic itself is in the log.
    Panicked,
}

impl Pool {
    pub(super) fn new(workers: usize, queue: usize, patience: Duration) -> Self {
        Self {
            workers: Arc::new(Semaphore::new(workers.max(1))),
            queue: Semaphore::new(workers.max(1) + queue),
            patience,
        }
    }

    /// Runs a job that nobody has promised to answer yet.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolFault> {
        let _place = self.queue.try_acquire().map_err(|_| PoolFault::Busy)?;
        let turn = timeout(self.patience, Arc::clone(&self.workers).acquire_owned()).await;
        match turn {
            Ok(Ok(permit)) => work(permit, job).await,
            _ => Err(PoolFault::Busy),
        }
    }

    /// Runs a job that an answer under way needs: it waits for its turn however long that takes.
    pub(super) async fn go_on<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolFault> {
        match Arc::clone(&self.workers).acquire_owned().await {
            Ok(permit) => work(permit, job).await,
            Err(_) => Err(PoolFault::Busy),
        }
    }
}

/// The permit goes with the job: even if nobody waits any longer, the thread counts as taken until the job ends.
async fn work<T: Send + 'static>(
    permit: OwnedSemaphorePermit,
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PoolFault> {
    let done = spawn_blocking(move || {
        let outcome = job();
        drop(permit);
        outcome
    });
    done.await.map_err(|_| PoolFault::Panicked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_finds_no_place_is_refused() {
        let pool = Arc::new(Pool::new(1, 1, Duration::from_secs(5)));
        let (release, gate) = std::sync::mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.run(move || gate.recv().is_ok()).await }
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        let second = tokio::spawn({
            let pool = Arc::clone(&pool);
            async move { pool.run(|| 2).await }
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(pool.run(|| 3).await, Err(PoolFault::Busy));
        release.send(()).expect("the first job waits");
        assert_eq!(first.await.expect("no panic"), Ok(true));
        assert_eq!(second.await.expect("no panic"), Ok(2));
    }

    #[tokio::test]
    async fn a_panic_costs_one_answer_only() {
        let pool = Pool::new(1, 0, Duration::from_secs(5));
        let outcome: Result<(), _> = pool.run(|| panic!("planted")).await;
        assert_eq!(outcome, Err(PoolFault::Panicked));
        assert_eq!(pool.run(|| 1).await, Ok(1));
    }
}
