//! A browser without a window, led over WebDriver: <https://www.w3.org/TR/webdriver2/>.
//!
//! Debian's packages `chromium` and `chromium-driver` bring both; the driver chooses a free port and says which.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

pub(crate) struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
}

impl Browser {
    /// `None` where there is no driver, which the caller tells and then skips.
    pub(crate) fn start() -> Option<Self> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let lines = BufReader::new(driver.stdout.take().expect("it is piped")).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let port = line.split("started successfully on port ").nth(1)?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.expect("the driver says its port");
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut browser = Self { driver, agent, session: format!("http://127.0.0.1:{port}/session") };
        // A container has no user namespaces for the sandbox, and little shared memory.
        let options = json!({"args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-prefers-reduced-motion"]});
        let wishes = json!({
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": options,
        });
        let answer = browser.post("", json!({"capabilities": {"alwaysMatch": wishes}}));
        browser.session += &format!("/{}", answer["sessionId"].as_str().expect("a session"));
        Some(browser)
    }

    fn post(&self, path: &str, body: Value) -> Value {
        let text = body.to_string();
        let sent = self
            .agent
            .post(format!("{}{path}", self.session))
            .header("Content-Type", "application/json")
            .send(text.as_bytes());
        let answer =
            sent.and_then(|mut answer| answer.body_mut().with_config().limit(1 << 30).read_to_string());
        let answer: Value = serde_json::from_str(&answer.expect("the driver answers")).expect("JSON");
        assert!(answer["value"]["error"].is_null(), "{path} {text:.300}: {}", answer["value"]);
        answer["value"].clone()
    }

    pub(crate) fn open(&self, file: &Path) {
        self.post("/url", json!({"url": format!("file://{}", file.display())}));
    }

    /// What a script in the page gives back.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []}))
    }

    /// A command of Chromium's own protocol.
    pub(crate) fn command(&self, name: &str, parameters: Value) -> Value {
        self.post("/goog/cdp/execute", json!({"cmd": name, "params": parameters}))
    }

    pub(crate) fn screen(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.command("Emulation.setDeviceMetricsOverride", size);
    }

    /// Presses keys one after the other, as a person without a mouse would.
    pub(crate) fn press(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]
            })
            .collect();
        self.post("/actions", json!({"actions": [{"type": "key", "id": "keys", "actions": actions}]}));
    }

    /// The page as it would be printed, in base64.
    pub(crate) fn print(&self) -> String {
        self.post("/print", json!({})).as_str().expect("a document").to_owned()
    }

    /// What the page and the browser complained of since the last question.
    pub(crate) fn complaints(&self) -> Vec<Value> {
        self.post("/se/log", json!({"type": "browser"})).as_array().expect("a list").clone()
    }

    /// Every address that was asked for since the last question.
    pub(crate) fn requests(&self) -> Vec<String> {
        let log = self.post("/se/log", json!({"type": "performance"}));
        let events = log
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok());
        let asked = events.filter(|event| event["message"]["method"] == "Network.requestWillBeSent");
        asked
            .filter_map(|event| Some(event["message"]["params"]["request"]["url"].as_str()?.to_owned()))
            .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The session ends the browser, and the driver is ours; what fails here has ended already.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
