mod cancel;
mod oracle;
mod place;
mod rush;
mod tills;
