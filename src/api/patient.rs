//! A connection that ends when its client keeps it waiting: one that says nothing at first, or takes nothing of an answer.

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream with patience. The HTTP machinery itself times the head of a request, but only once its first bytes have told the version;
/// and it does not look at the clock while the socket takes no more bytes.
pub(super) struct Patient<S> {
    stream: S,
    patience: Duration,
    /// Until when the first bytes must have come; `None` once they have.
    first: Option<Pin<Box<Sleep>>>,
    /// Until when a write that waits must have moved.
    write: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    /// Gives the client `first` to say something, and `patience` for each piece that it is sent.
    pub(super) fn new(stream: S, first: Duration, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            first: Some(Box::pin(sleep(first))),
            write: None,
        }
    }

    /// What a write gave, or the end of patience with it.
    fn watched<T>(&mut self, task: &mut Context<'_>, done: Poll<Result<T>>) -> Poll<Result<T>> {
        if done.is_ready() {
            self.write = None;
            return done;
        }
        let patience = self.patience;
        let timer = self.write.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(timer.as_mut().poll(task));
        Poll::Ready(Err(Error::new(
            ErrorKind::TimedOut,
            "the client takes nothing",
        )))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(task, buf);
        let Some(timer) = &mut self.first else {
            return read;
        };
        if read.is_ready() {
            // A lone byte may not tell the version yet: the timer stays until there is room for a request line.
            if buf.filled().len() >= LINE {
                self.first = None;
            }
            return read;
        }
        ready!(timer.as_mut().poll(task));
        Poll::Ready(Err(Error::new(
            ErrorKind::TimedOut,
            "the client says nothing",
        )))
    }
}

/// The shortest request line, `GET / HTTP/1.0` with its end; the preface of HTTP/2 is longer.
const LINE: usize = 16;

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(task, buf);
        // Whoever is answered has asked.
        self.first = None;
        self.watched(task, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(task, bufs);
        self.first = None;
        self.watched(task, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(task);
        self.watched(task, done)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        let done = Pin::new(&mut self.stream).poll_shutdown(task);
        self.watched(task, done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const SOON: Duration = Duration::from_millis(30);
    const LATER: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_client_that_says_nothing_is_let_go() {
        let (client, server) = tokio::io::duplex(64);
        let mut server = Patient::new(server, SOON, LATER);
        let mut bytes = [0; 8];
        let end = server.read(&mut bytes).await.map_err(|e| e.kind());
        assert_eq!(end, Err(ErrorKind::TimedOut));
        drop(client);
    }

    #[tokio::test]
    async fn a_lone_byte_is_not_a_request() {
        let (mut client, server) = tokio::io::duplex(64);
        let mut server = Patient::new(server, SOON, LATER);
        client.write_all(b"P").await.expect("room");
        let mut bytes = [0; 64];
        assert_eq!(server.read(&mut bytes).await.expect("a byte"), 1);
        let end = server.read(&mut bytes).await.map_err(|e| e.kind());
        assert_eq!(end, Err(ErrorKind::TimedOut));
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_let_go_and_a_slow_one_is_not() {
        let (mut client, server) = tokio::io::duplex(16);
        let mut server = Patient::new(server, LATER, SOON);
        let sent =
            tokio::spawn(async move { server.write_all(&[7; 64]).await.map_err(|e| e.kind()) });
        let mut bytes = [0; 16];
        for _ in 0..3 {
            sleep(SOON / 2).await;
            client
                .read_exact(&mut bytes)
                .await
                .expect("the server writes");
        }
        assert_eq!(sent.await.expect("no panic"), Ok(()));
        let (_client, server) = tokio::io::duplex(16);
        let mut server = Patient::new(server, LATER, SOON);
        let end = server.write_all(&[7; 64]).await.map_err(|e| e.kind());
        assert_eq!(end, Err(ErrorKind::TimedOut));
    }
}
