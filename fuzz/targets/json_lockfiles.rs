//! Lockfiles and databases in JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::ecosystems(
        &[
            "bun",
            "composer",
            "composer-installed",
            "conan",
            "conda",
            "deno",
            "flatpak",
            "npm",
            "npm-lock",
            "nuget-assets",
            "nuget-deps",
            "nuget-lock",
            "pipenv",
            "renv",
            "swift",
            "vcpkg",
        ],
        data,
    );
});
