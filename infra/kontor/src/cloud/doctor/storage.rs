//! Table and bucket: are they there, and as the template makes them?

use aws_sdk_dynamodb::types::{IndexStatus, PointInTimeRecoveryStatus, TimeToLiveStatus};
use aws_sdk_s3::types::{BucketVersioningStatus, ObjectLockEnabled};
use web::Stage;

use super::line::{Fault, Verdict, green};
use crate::{
    Failure,
    cloud::place::{Place, refused},
};

const TABLE: &str = "TABLE_NAME must name the stage's table; deploying the stack makes it as it must be";
const BUCKET: &str = "BUCKET_NAME must name the stage's bucket; deploying the stack makes it as it must be";
/// The indexes that every function reads.
const INDEXES: [&str; 2] = ["lists", "todo"];

/// Indexes, stream, expiry, and on AWS the way back to every second of the last weeks.
pub(super) async fn table(place: &Place, stage: Stage) -> Verdict {
    let name = place.need("TABLE_NAME").map_err(|failure| Fault::new(failure.to_string(), TABLE))?;
    let unread = |failure: Failure| Fault::new(failure.to_string(), TABLE);
    let dynamo = place.dynamodb();
    let asked = dynamo.describe_table().table_name(name).send();
    let described = Box::pin(asked).await.map_err(refused(name)).map_err(unread)?;
    let table = described.table();
    let has_index = |name: &str| {
        let mut indexes = table.into_iter().flat_map(|table| table.global_secondary_indexes());
        indexes.any(|index| index.index_name() == Some(name) && index.index_status() == Some(&IndexStatus::Active))
    };
    let mut lacking: Vec<String> =
        INDEXES.iter().filter(|name| !has_index(name)).map(|name| format!("the index {name}")).collect();
    if !table.and_then(|table| table.stream_specification()).is_some_and(|stream| stream.stream_enabled()) {
        lacking.push("its stream".to_owned());
    }
    let asked = dynamo.describe_time_to_live().table_name(name).send();
    let expiry = Box::pin(asked).await.map_err(refused(name)).map_err(unread)?;
    let expiry = expiry.time_to_live_description().and_then(|expiry| expiry.time_to_live_status());
    if expiry != Some(&TimeToLiveStatus::Enabled) {
        lacking.push("the expiry of items (ttl)".to_owned());
    }
    if stage != Stage::Local {
        let asked = dynamo.describe_continuous_backups().table_name(name).send();
        let backups = Box::pin(asked).await.map_err(refused(name)).map_err(unread)?;
        let recovery =
            backups.continuous_backups_description().and_then(|all| all.point_in_time_recovery_description());
        let status = recovery.and_then(|recovery| recovery.point_in_time_recovery_status());
        if status != Some(&PointInTimeRecoveryStatus::Enabled) {
            lacking.push("point-in-time recovery".to_owned());
        }
    }
    all_or(name, &lacking, TABLE)
}

/// Is it there, and on AWS does it keep what is deleted and lock what is issued?
pub(super) async fn bucket(place: &Place, stage: Stage) -> Verdict {
    let name = place.need("BUCKET_NAME").map_err(|failure| Fault::new(failure.to_string(), BUCKET))?;
    let unread = |failure: Failure| Fault::new(failure.to_string(), BUCKET);
    let s3 = place.s3();
    let asked = s3.head_bucket().bucket(name).send();
    Box::pin(asked).await.map_err(refused(name)).map_err(unread)?;
    let mut lacking = Vec::new();
    if stage != Stage::Local {
        let asked = s3.get_bucket_versioning().bucket(name).send();
        let versions = Box::pin(asked).await.map_err(refused(name)).map_err(unread)?;
        if versions.status() != Some(&BucketVersioningStatus::Enabled) {
            lacking.push("versions".to_owned());
        }
        let asked = s3.get_object_lock_configuration().bucket(name).send();
        // A bucket without a lock answers with an error.
        let lock = Box::pin(asked).await.ok();
        let lock = lock.as_ref().and_then(|lock| lock.object_lock_configuration()?.object_lock_enabled());
        if lock != Some(&ObjectLockEnabled::Enabled) {
            lacking.push("object lock".to_owned());
        }
    }
    all_or(name, &lacking, BUCKET)
}

fn all_or(name: &str, lacking: &[String], remedy: &'static str) -> Verdict {
    if lacking.is_empty() {
        return green(format!("{name} is as the template makes it"));
    }
    Err(Fault::new(format!("{name} lacks {}", lacking.join(", ")), remedy))
}
