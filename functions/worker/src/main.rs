//! The Lambda that follows up what happened: stream and minute.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::entry::Error> {
    web::entry::run_jobs(async |portal, aws| {
        let worker = worker::Worker::new(portal, &worker::Clients::connect(portal, aws, aws));
        Ok(move |event: serde_json::Value| {
            let worker = worker.clone();
            async move { worker.on_event(&event).await.map(|_| ()) }
        })
    })
    .await
}
