mod cancel;
mod oracle;
mod place;
mod price_override;
mod returns;
mod risk;
mod rush;
mod tills;
