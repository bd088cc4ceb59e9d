mod cancel;
mod oracle;
mod place;
mod price_override;
mod returns;
mod rush;
mod tills;
