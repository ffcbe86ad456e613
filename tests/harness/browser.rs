//! A real browser: chromedriver on a free port, and Chromium without a window, with a profile of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::service::free_port;
use super::wait::{CAP, eventually};

/// Set to 1, the pictures for the documentation are taken anew.
const SCREENSHOTS: &str = "BRINE_SCREENSHOTS";

/// A browser with one tab.
pub struct Browser {
    client: Client,
    _driver: Child,
    _profile: TempDir,
}

impl Browser {
    /// Opens it.
    pub async fn open() -> Result<Self> {
        let port = free_port()?;
        let profile = tempfile::tempdir()?;
        let driver = Command::new("chromedriver")
            .args([format!("--port={port}"), format!("--log-path={}", profile.path().join("driver.log").display())])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("chromedriver can't be started: `make test` installs it, or install chromium-driver")?;
        let address = format!("http://127.0.0.1:{port}");
        let http = reqwest::Client::builder().no_proxy().build()?;
        eventually("chromedriver to be ready", Duration::from_secs(60), async || {
            Ok(http.get(format!("{address}/status")).send().await.ok().map(drop))
        })
        .await?;
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        if let Value::Object(capabilities) = capabilities(profile.path()) {
            builder.capabilities(capabilities);
        }
        let client = builder.connect(&address).await.context("Chromium can't be started: is chromium installed?")?;
        client.set_window_size(1280, 1500).await?;
        Ok(Self { client, _driver: driver, _profile: profile })
    }

    /// Goes to an address.
    pub async fn visit(&self, address: &str) -> Result<()> {
        self.client.goto(address).await.with_context(|| format!("{address} can't be opened"))
    }

    /// Goes into the app's frame on this page.
    pub async fn enter_app(&self) -> Result<()> {
        Ok(self.wait_for(Locator::Css("iframe.app-frame")).await?.enter_frame().await?)
    }

    /// Goes back to the page around the frame.
    pub async fn leave_app(&self) -> Result<()> {
        Ok(self.client.enter_parent_frame().await?)
    }

    /// Waits for an element that can be seen.
    pub async fn wait_for(&self, what: Locator<'_>) -> Result<Element> {
        let found = eventually(&format!("{what:?}"), CAP, async || {
            let Ok(element) = self.client.find(what).await else { return Ok(None) };
            Ok(element.is_displayed().await.unwrap_or(false).then_some(element))
        })
        .await;
        match found {
            Ok(element) => Ok(element),
            Err(error) => bail!("{error}; the page shows:\n{}", self.shown().await),
        }
    }

    /// Waits until the page (or frame) shows this text.
    pub async fn wait_for_text(&self, text: &str) -> Result<()> {
        let found = eventually(text, CAP, async || Ok(self.shown().await.contains(text).then_some(()))).await;
        match found {
            Ok(()) => Ok(()),
            Err(error) => bail!("{error}; the page shows:\n{}", self.shown().await),
        }
    }

    /// The text that can be seen.
    pub async fn shown(&self) -> String {
        let text = self.client.execute("return document.body?.innerText ?? ''", Vec::new()).await;
        text.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Presses the button with this label.
    pub async fn press(&self, label: &str) -> Result<()> {
        let path = format!("//button[normalize-space()={}]", quoted(label));
        let button = self.wait_for(Locator::XPath(&path)).await?;
        // A page that renders itself anew may take the button away between finding and pressing it.
        if button.click().await.is_err() {
            self.wait_for(Locator::XPath(&path))
                .await?
                .click()
                .await
                .with_context(|| format!("{label} can't be pressed"))?;
        }
        Ok(())
    }

    /// Puts other text into a text area or an input, as typing would.
    pub async fn retype(&self, css: &str, text: &str) -> Result<()> {
        let field = self.wait_for(Locator::Css(css)).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Runs a script in the page or frame.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute(script, arguments).await?)
    }

    /// Keeps a picture for the documentation, when that is asked for.
    pub async fn picture(&self, name: &str) -> Result<()> {
        if std::env::var(SCREENSHOTS).as_deref() != Ok("1") {
            return Ok(());
        }
        let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{name}.png"));
        std::fs::write(&path, self.client.screenshot().await?)
            .with_context(|| format!("{} can't be written", path.display()))
    }

    /// Closes the browser in order.
    pub async fn close(self) -> Result<()> {
        Ok(self.client.close().await?)
    }
}

fn quoted(text: &str) -> String {
    if text.contains('"') { format!("'{text}'") } else { format!("\"{text}\"") }
}

fn capabilities(profile: &Path) -> Value {
    json!({
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {"args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--no-proxy-server", "--force-prefers-reduced-motion", "--lang=en-GB",
            format!("--user-data-dir={}", profile.join("profile").display()),
        ]},
    })
}
