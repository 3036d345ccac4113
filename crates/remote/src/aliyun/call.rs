//! The twelve operations as calls: which parameter goes where.

/// One operation with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub action: &'static str,
    pub query: Vec<(String, String)>,
    /// `None` for operations without a form; an empty form is still announced.
    pub form: Option<Vec<(String, String)>>,
}

/// Language of names in the catalogue.
pub const LANGUAGE: &str = "zh";

/// What ListTickets is asked.
#[derive(Debug, Clone, Default)]
pub struct Listing<'a> {
    /// From 1.
    pub page: u32,
    /// 10 to 100.
    pub page_size: u32,
    pub statuses: &'a [&'a str],
    pub ids: &'a [String],
    /// Creation time in UTC milliseconds.
    pub created_from: Option<i64>,
    pub created_to: Option<i64>,
}

/// What CreateTicket is told.
#[derive(Debug, Clone, Default)]
pub struct Creation<'a> {
    pub category: &'a str,
    pub title: &'a str,
    pub description: &'a str,
    pub severity: &'a str,
    pub creator: &'a str,
    pub email: &'a str,
    pub object_keys: &'a [String],
}

impl Call {
    fn new(action: &'static str) -> Self {
        Self { action, query: Vec::new(), form: None }
    }

    fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    fn form(mut self, name: &str, value: impl Into<String>) -> Self {
        self.form.get_or_insert_default().push((name.to_owned(), value.into()));
        self
    }

    /// Leaves the parameter out when it is empty.
    fn form_if(self, name: &str, value: &str) -> Self {
        if value.is_empty() { self } else { self.form(name, value) }
    }

    #[must_use]
    pub fn list_tickets(asked: &Listing<'_>) -> Self {
        let mut call =
            Self::new("ListTickets").query("PageNumber", asked.page.to_string()).query("PageSize", asked.page_size.to_string());
        call.form = Some(Vec::new());
        for (number, status) in asked.statuses.iter().enumerate() {
            call = call.form(&format!("StatusList.{}", number + 1), *status);
        }
        call = call.form_if("TicketIdList", &asked.ids.join(","));
        let instant = |at: Option<i64>| at.map_or_else(String::new, |at| at.to_string());
        call.form_if("StartDate", &instant(asked.created_from)).form_if("EndDate", &instant(asked.created_to))
    }

    #[must_use]
    pub fn get_ticket(id: &str) -> Self {
        Self::new("GetTicket").form("TicketId", id)
    }

    #[must_use]
    pub fn list_ticket_notes(id: &str) -> Self {
        Self::new("ListTicketNotes").query("TicketId", id)
    }

    #[must_use]
    pub fn create_ticket(new: &Creation<'_>) -> Self {
        Self::new("CreateTicket")
            .form("CategoryId", new.category)
            .form("Description", new.description)
            .form("Severity", new.severity)
            .form_if("Title", new.title)
            .form_if("CreatorId", new.creator)
            .form_if("Email", new.email)
            .form_if("FileNameList", &new.object_keys.join(","))
    }

    #[must_use]
    pub fn reply_ticket(id: &str, content: &str, object_keys: &[String]) -> Self {
        let call = Self::new("ReplyTicket").form("TicketId", id).form("Content", content).form("Encrypt", "false");
        if object_keys.is_empty() { call } else { call.query("FileNameList", object_keys.join(",")) }
    }

    #[must_use]
    pub fn reopen_ticket(id: &str, content: &str) -> Self {
        Self::new("ReopenTicket").form("TicketId", id).form("Content", content)
    }

    #[must_use]
    pub fn close_ticket(id: &str) -> Self {
        Self::new("CloseTicket").form("TicketId", id)
    }

    /// `score` is 1 to 5.
    #[must_use]
    pub fn evaluate_ticket(id: &str, solved: bool, score: u8, comment: &str) -> Self {
        Self::new("EvaluateTicket")
            .form("TicketId", id)
            .form("Solved", if solved { "true" } else { "false" })
            .form("Score", score.to_string())
            .form_if("Content", comment)
    }

    #[must_use]
    pub fn list_products() -> Self {
        Self::new("ListProducts").query("Language", LANGUAGE)
    }

    #[must_use]
    pub fn list_categories(product: &str) -> Self {
        Self::new("ListCategories").query("Language", LANGUAGE).form("ProductId", product)
    }

    #[must_use]
    pub fn get_attachment_upload_url(name: &str) -> Self {
        Self::new("GetAttachmentUploadUrl").form("FileName", name)
    }

    #[must_use]
    pub fn get_mq_consumer_tag() -> Self {
        Self::new("GetMqConsumerTag")
    }
}
