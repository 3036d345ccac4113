//! Diagnosis sessions.

use deskbell_domain::diagnosis::DiagnosisSession;
use deskbell_domain::directory::Problem;

use super::Answer;
use crate::commands as list;
use crate::desk::Desk;

pub(crate) async fn diagnoses(desk: &Desk, args: list::diagnoses::Args) -> Answer<Vec<DiagnosisSession>> {
    desk.engine()?.diagnoses(args.ticket).await
}

pub(crate) async fn diagnosis_check(desk: &Desk, args: list::diagnosis_check::Args) -> Answer<Vec<Problem>> {
    Ok(desk.engine()?.check_diagnosis(&args.session))
}

pub(crate) async fn diagnosis_put(desk: &Desk, args: list::diagnosis_put::Args) -> Answer<DiagnosisSession> {
    desk.engine()?.put_diagnosis(args.session).await
}

pub(crate) async fn diagnosis_cancel(desk: &Desk, args: list::diagnosis_cancel::Args) -> Answer<DiagnosisSession> {
    desk.engine()?.cancel_diagnosis(args.id, args.reason).await
}

pub(crate) async fn diagnosis_finish(desk: &Desk, args: list::diagnosis_finish::Args) -> Answer<DiagnosisSession> {
    desk.engine()?.finish_diagnosis(args.id, args.findings, args.to_ticket, Some(&args.marker)).await
}
