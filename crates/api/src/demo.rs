//! The demo desk inside this process, as the commands use it.

use deskbell_domain::{Code, UtcMs};
use deskbell_engine::EngineError;
use secrecy::SecretString;

use crate::desk::DeskOptions;

pub(crate) struct DemoDesk(deskbell_hub::demo_desk::DemoDesk);

impl DemoDesk {
    pub(crate) const NAME: &'static str = deskbell_hub::demo_desk::DemoDesk::NAME;
    pub(crate) const USER: &'static str = deskbell_hub::demo_desk::DemoDesk::USER;

    pub(crate) async fn start(options: &DeskOptions, now: UtcMs) -> Result<Self, EngineError> {
        deskbell_hub::demo_desk::DemoDesk::start(&options.data_dir, now, options.demo_life)
            .await
            .map(Self)
            .map_err(|error| EngineError::with_detail(Code::Internal, error.to_string()))
    }

    pub(crate) fn url(&self) -> String {
        self.0.url()
    }

    pub(crate) fn token(&self) -> SecretString {
        self.0.token()
    }

    pub(crate) async fn stop(self) {
        self.0.stop().await;
    }
}
