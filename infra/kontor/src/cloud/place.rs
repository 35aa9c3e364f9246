//! Where a stage is: the environment of its functions, from a file or from the functions themselves, and clients for it.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionConfiguration};
use aws_sdk_s3::{
    config::Credentials,
    error::{ProvideErrorMetadata, SdkError},
};
use store::Store;
use vault::Vault;
use web::{Clock, Config, Portal, Stage};

use super::options::Where;
use crate::Failure;

/// Longest time of one try: a reader of the stream may take a minute.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(90);
/// Longest time for a handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The operator has time where a page has none.
const ATTEMPTS: u32 = 6;
/// Before the second try; each further pause is about twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The alias of each function in the template.
const ALIAS: &str = "live";
/// How CloudFormation marks what it made.
const STACK_TAG: &str = "aws:cloudformation:stack-name";
const RESOURCE_TAG: &str = "aws:cloudformation:logical-id";
/// The readers of the stream, as the template calls them, and the variables that name their functions here.
const READERS: [(&str, &str); 2] = [("Worker", "WORKER_FUNCTION"), ("Documents", "DOCUMENTS_FUNCTION")];

/// One stage.
#[derive(Debug)]
pub(crate) struct Place {
    environment: BTreeMap<String, String>,
    stack: Option<String>,
    aws: SdkConfig,
}

impl Place {
    /// Reads where it is.
    pub(crate) async fn find(options: &Where) -> Result<Self, Failure> {
        match &options.stack {
            Some(stack) => Box::pin(Self::of_stack(stack)).await,
            None => Self::of_file(&options.environment).await,
        }
    }

    async fn of_file(file: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(file).map_err(|error| {
            let file = file.display();
            Failure::Input(format!("{file}: {error}; `cargo portal` writes it, and --stack does without it"))
        })?;
        let environment = variables(&text);
        let aws = connect(&environment).await;
        Ok(Self { environment, stack: None, aws })
    }

    /// Asks Lambda what the stack's functions are told: that is what runs, whatever a stack says of itself.
    async fn of_stack(stack: &str) -> Result<Self, Failure> {
        let aws = connect(&BTreeMap::new()).await;
        let lambda = aws_sdk_lambda::Client::new(&aws);
        let (mut environment, mut after) = (BTreeMap::new(), None);
        loop {
            let page = Box::pin(lambda.list_functions().set_marker(after).send()).await;
            let page = page.map_err(refused("the functions cannot be listed (lambda:ListFunctions)"))?;
            for function in page.functions().iter().filter(|function| told(function).contains_key("TABLE_NAME")) {
                Box::pin(learn(&lambda, stack, function, &mut environment)).await?;
            }
            after = page.next_marker;
            if after.is_none() {
                break;
            }
        }
        if environment.is_empty() {
            return Err(Failure::Input(format!("there is no function of a stack {stack} in this account and region")));
        }
        let mut place = Self { environment, stack: Some(stack.to_owned()), aws };
        Box::pin(place.find_letters(&lambda)).await?;
        Ok(place)
    }

    /// Where the worker's failures go.
    async fn find_letters(&mut self, lambda: &aws_sdk_lambda::Client) -> Result<(), Failure> {
        let worker = self.need("WORKER_FUNCTION")?.to_owned();
        // Of every alias: each may have its own.
        let asked = lambda.list_function_event_invoke_configs().function_name(&worker).send();
        let calls = Box::pin(asked).await.map_err(refused("the worker's failure destination cannot be read"))?;
        let mut to = calls.function_event_invoke_configs().iter().filter_map(|calls| calls.destination_config());
        let calls = to.find_map(|to| to.on_failure()?.destination());
        if let Some(queue) = calls.and_then(|arn| arn.rsplit(':').next()) {
            let asked = self.sqs().get_queue_url().queue_name(queue).send();
            let found = Box::pin(asked).await.map_err(refused("the queue of dead letters cannot be found"))?;
            self.learn("DEAD_LETTERS_URL", found.queue_url());
        }
        let streams = streams_of(lambda, &worker).await?;
        let mut to = streams.iter().filter_map(|stream| stream.destination_config());
        let batches = to.find_map(|to| to.on_failure()?.destination());
        self.learn("FAILED_BATCHES_NAME", batches.and_then(|arn| arn.rsplit(':').next()));
        Ok(())
    }

    fn learn(&mut self, name: &str, value: Option<&str>) {
        self.environment.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    /// The stack it was found by.
    pub(crate) fn stack(&self) -> Option<&str> {
        self.stack.as_deref()
    }

    /// A variable that must be there.
    pub(crate) fn need(&self, name: &'static str) -> Result<&str, Failure> {
        let value = self.environment.get(name).filter(|value| !value.is_empty());
        value.map(String::as_str).ok_or_else(|| Failure::Input(format!("the stage's environment does not say {name}")))
    }

    /// How the worker is called: on AWS by the alias that says which of its versions works.
    pub(crate) fn worker(&self) -> Result<String, Failure> {
        let name = self.need("WORKER_FUNCTION")?;
        Ok(self.stack.as_ref().map_or_else(|| name.to_owned(), |_| format!("{name}:{ALIAS}")))
    }

    /// Clients that ask the service where the environment says it is.
    fn at(&self, service: &str) -> SdkConfig {
        let mut aws = self.aws.to_builder();
        if let Some(url) = self.environment.get(&format!("AWS_ENDPOINT_URL_{service}")) {
            aws.set_endpoint_url(Some(url.clone()));
        }
        aws.build()
    }

    /// What its functions are told, as they read it.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        let config = Config::from_map(&self.environment);
        config.map_err(|wrong| Failure::Input(format!("the stage's environment is wrong: {wrong}")))
    }

    /// The table as its functions see it.
    pub(crate) fn store(&self) -> Result<Store, Failure> {
        Ok(Portal::new(self.config()?, &self.at("DYNAMODB"), Clock::system()).store().clone())
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.at("DYNAMODB"))
    }

    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.at("S3")).force_path_style(true);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    pub(crate) fn ses(&self) -> aws_sdk_ses::Client {
        aws_sdk_ses::Client::new(&self.at("SES"))
    }

    pub(crate) fn cloudwatch(&self) -> aws_sdk_cloudwatch::Client {
        aws_sdk_cloudwatch::Client::new(&self.at("CLOUDWATCH"))
    }

    /// For whoever makes a client of SSM.
    pub(crate) fn ssm_config(&self) -> SdkConfig {
        self.at("SSM")
    }

    /// Where its tenants' keys with providers are.
    pub(crate) fn vault(&self, config: &Config) -> Vault {
        match &config.provider_secrets {
            None => Vault::nowhere(),
            Some(file) if config.stage == Stage::Local => Vault::in_file(file),
            Some(prefix) => Vault::in_parameters(&self.at("SSM"), prefix),
        }
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.at("SQS"))
    }

    /// Each call is made once: whoever makes it knows what another one would do.
    pub(crate) fn lambda(&self) -> aws_sdk_lambda::Client {
        let config = aws_sdk_lambda::config::Builder::from(&self.at("LAMBDA")).retry_config(RetryConfig::disabled());
        aws_sdk_lambda::Client::from_conf(config.build())
    }
}

/// How a function reads streams, itself or by an alias.
pub(crate) async fn streams_of(
    lambda: &aws_sdk_lambda::Client,
    function: &str,
) -> Result<Vec<EventSourceMappingConfiguration>, Failure> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = Box::pin(lambda.list_event_source_mappings().set_marker(after).send()).await;
        let page = page.map_err(refused("readers of streams cannot be listed (lambda:ListEventSourceMappings)"))?;
        after = page.next_marker;
        let is_its = |stream: &EventSourceMappingConfiguration| {
            stream.function_arn().and_then(|arn| arn.split(':').nth(6)) == Some(function)
        };
        found.extend(page.event_source_mappings.unwrap_or_default().into_iter().filter(is_its));
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// What a service says, with what it was asked for.
pub(crate) fn refused<E: ProvideErrorMetadata, R>(what: &str) -> impl FnOnce(SdkError<E, R>) -> Failure {
    let what = what.to_owned();
    move |error| {
        let Some(code) = error.code() else { return Failure::Cloud(format!("{what}: no answer")) };
        Failure::Cloud(format!("{what}: {code} {}", error.message().unwrap_or_default()).trim_end().to_owned())
    }
}

/// `NAME=value` a line.
fn variables(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Region and key of the environment, else the operator's own.
async fn connect(environment: &BTreeMap<String, String>) -> SdkConfig {
    let get = |name: &str| environment.get(name).cloned();
    let timeouts =
        TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).connect_timeout(CONNECT_TIMEOUT).build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_PAUSE));
    if let Some(region) = get("AWS_REGION") {
        loader = loader.region(Region::new(region));
    }
    if let (Some(id), Some(secret)) = (get("AWS_ACCESS_KEY_ID"), get("AWS_SECRET_ACCESS_KEY")) {
        let key = Credentials::new(id, secret, get("AWS_SESSION_TOKEN"), None, "environment file");
        loader = loader.credentials_provider(key);
    }
    Box::pin(loader.load()).await
}

/// Takes over what a function is told, when it is one of the stack's.
async fn learn(
    lambda: &aws_sdk_lambda::Client,
    stack: &str,
    function: &FunctionConfiguration,
    environment: &mut BTreeMap<String, String>,
) -> Result<(), Failure> {
    let asked = lambda.list_tags().set_resource(function.function_arn.clone()).send();
    let answer = Box::pin(asked).await.map_err(refused("a function's tags cannot be read (lambda:ListTags)"))?;
    let tag = |name: &str| answer.tags().and_then(|tags| tags.get(name)).map(String::as_str);
    if tag(STACK_TAG) != Some(stack) {
        return Ok(());
    }
    environment.extend(told(function));
    let variable =
        READERS.iter().find(|(resource, _)| tag(RESOURCE_TAG) == Some(*resource)).map(|(_, variable)| variable);
    environment
        .extend(variable.zip(function.function_name()).map(|(name, value)| ((*name).to_owned(), value.to_owned())));
    Ok(())
}

/// A function's environment.
fn told(function: &FunctionConfiguration) -> BTreeMap<String, String> {
    let variables = function.environment().and_then(|environment| environment.variables());
    variables.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_a_variable_a_line() {
        let read = variables("# of the stage\nTABLE_NAME=t\n\nEDGE_SECRET=a=b\n");
        let wanted = [("TABLE_NAME", "t"), ("EDGE_SECRET", "a=b")];
        assert_eq!(read, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }
}
