//! A server whose answers are bytes as they are: it can break off, lie about lengths, and send what nobody asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What came in a request's head.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) path: String,
    headers: BTreeMap<String, String>,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// First byte that is asked for.
    pub(super) fn first_byte(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }

    async fn read(stream: &mut TcpStream) -> Self {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap_or(b'\n'));
            if head.ends_with(b"\n\n\n\n") {
                break;
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        Self { path, headers: fields.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect() }
    }
}

pub(super) struct Stand {
    /// "http://127.0.0.1:12345".
    pub(super) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stand {
    /// Gives what `answer` says to each request; the number counts from 0.
    pub(super) async fn start(answer: impl Fn(usize, &Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = Asked::read(&mut stream).await;
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(request.clone());
                    seen.len() - 1
                };
                let _ = stream.write_all(&answer(number, &request)).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { address, asked }
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// An answer with these lines in its head.
pub(super) fn answer(status: &str, lines: &[String], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    for line in lines {
        head += &format!("{line}\r\n");
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// An answer that ends after `sent` bytes of the body.
pub(super) fn cut(status: &str, lines: &[String], body: &[u8], sent: usize) -> Vec<u8> {
    let length = format!("Content-Length: {}", body.len());
    answer(status, &[lines, &[length]].concat(), &body[..sent.min(body.len())])
}

pub(super) fn whole(status: &str, body: &[u8]) -> Vec<u8> {
    cut(status, &[], body, body.len())
}

/// What a hub with this file answers, ranges understood; it breaks off after `sent` bytes.
pub(super) fn file(content: &[u8], asked: &Asked, sent: usize) -> Vec<u8> {
    match asked.first_byte() {
        None => cut("200 OK", &[], content, sent),
        Some(from) if from >= content.len() => whole("416 Range Not Satisfiable", b""),
        Some(from) => {
            let range = format!("Content-Range: bytes {from}-{}/{}", content.len() - 1, content.len());
            cut("206 Partial Content", &[range], &content[from..], sent)
        }
    }
}
