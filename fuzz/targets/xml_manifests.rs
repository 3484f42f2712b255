//! Manifests in XML.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    packlist_fuzz::ecosystems(
        &["gradle-verification", "maven", "nuget-packages-config", "nuget-project", "nuspec"],
        data,
    );
});
