//! A connection that ends when its client keeps it waiting: one that says nothing at first, or takes nothing of an answer; and that does
//! not end before a client that is still talking could read the answer.

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
    /// Set once everything has been said.
    lingering: Option<Lingering>,
}

/// What a client may still say after the last answer (RFC 9112 §9.6): if the connection were closed with bytes that nobody has read, the
/// system would tell the client of a broken connection, and a request that was refused for its length would get no answer at all.
struct Lingering {
    until: Pin<Box<Sleep>>,
    bytes: usize,
}

impl Lingering {
    /// A client that has understood hangs up within one journey to and fro.
    const TIME: Duration = Duration::from_secs(2);
    /// Far above every request that makes sense.
    const BYTES: usize = 8 << 20;
}

impl<S> Patient<S> {
    /// Gives the client `first` to say something, and `patience` for each piece that it is sent.
    pub(super) fn new(stream: S, first: Duration, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            first: Some(Box::pin(sleep(first))),
            write: None,
            lingering: None,
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

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Patient<S> {
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
        if self.lingering.is_none() {
            let done = Pin::new(&mut self.stream).poll_shutdown(task);
            ready!(self.watched(task, done))?;
            self.lingering = Some(Lingering {
                until: Box::pin(sleep(Lingering::TIME)),
                bytes: Lingering::BYTES,
            });
        }
        let this = &mut *self;
        let Some(lingering) = &mut this.lingering else {
            return Poll::Ready(Ok(()));
        };
        let mut heard = [0; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut heard);
            match Pin::new(&mut this.stream).poll_read(task, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() && lingering.bytes > 0 => {
                    lingering.bytes = lingering.bytes.saturating_sub(buffer.filled().len());
                }
                // It has hung up, or will not stop.
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => {
                    ready!(lingering.until.as_mut().poll(task));
                    return Poll::Ready(Ok(()));
                }
            }
        }
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
    async fn a_client_that_is_still_talking_is_heard_out() {
        let (mut client, server) = tokio::io::duplex(64);
        let mut server = Patient::new(server, LATER, LATER);
        let talking = tokio::spawn(async move {
            client
                .write_all(&[b'x'; 5000])
                .await
                .expect("somebody listens");
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await.expect("an answer");
            answer
        });
        server.write_all(b"too long").await.expect("room");
        server.shutdown().await.expect("heard out");
        assert_eq!(talking.await.expect("no panic"), b"too long");
    }

    #[tokio::test]
    async fn a_client_that_never_hangs_up_is_let_go() {
        let (_client, server) = tokio::io::duplex(64);
        let mut server = Patient::new(server, LATER, LATER);
        server.shutdown().await.expect("in time");
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
