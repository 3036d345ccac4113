//! Robots in group chats. Addresses and secrets come in and never go out.

use deskbell_engine::records::{DeliveryRecord, RobotRecord};

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;

pub(crate) async fn robots(desk: &Desk, _args: list::robots::Args) -> Answer<Vec<RobotRecord>> {
    desk.engine()?.robots().await
}

pub(crate) async fn robot_put(desk: &Desk, args: list::robot_put::Args) -> Answer<RobotRecord> {
    desk.engine()?.put_robot(args.robot).await
}

pub(crate) async fn robot_remove(desk: &Desk, args: list::robot_remove::Args) -> Answer<()> {
    desk.engine()?.remove_robot(args.id).await
}

pub(crate) async fn robot_test(desk: &Desk, args: list::robot_test::Args) -> Answer<DeliveryRecord> {
    desk.engine()?.test_robot(args.id).await
}

pub(crate) async fn robot_deliveries(desk: &Desk, args: list::robot_deliveries::Args) -> Answer<Vec<DeliveryRecord>> {
    desk.engine()?.robot_deliveries(args.robot, args.limit).await
}

pub(crate) async fn robot_delivery_retry(desk: &Desk, args: list::robot_delivery_retry::Args) -> Answer<()> {
    desk.engine()?.retry_robot_delivery(args.id).await
}
