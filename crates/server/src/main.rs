//! The binary `canhgiac`.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match canhgiac::run().await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;
            // A closed standard error leaves nothing to tell anyone.
            let _ = writeln!(std::io::stderr(), "canhgiac: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
