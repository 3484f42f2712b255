//! Group ids of artefacts that do not carry theirs.
//!
//! Archives built by Gradle, Ant or bnd have no `pom.properties`, and their manifests name no group. These are
//! the ones most often met in images, as Maven Central lists them: an artifact id, or its beginning up to `*`.
//! The longest that fits is right.
//! Source: <https://central.sonatype.com/>

use super::is_plain;

/// Artifact id and group, sorted.
const GROUPS: &[(&str, &str)] = &[
    ("activation", "javax.activation"),
    ("ant", "org.apache.ant"),
    ("ant-*", "org.apache.ant"),
    ("antlr", "antlr"),
    ("antlr4-*", "org.antlr"),
    ("aopalliance", "aopalliance"),
    ("asm", "org.ow2.asm"),
    ("asm-*", "org.ow2.asm"),
    ("aspectjrt", "org.aspectj"),
    ("aspectjweaver", "org.aspectj"),
    ("bcpkix-*", "org.bouncycastle"),
    ("bcprov-*", "org.bouncycastle"),
    ("bctls-*", "org.bouncycastle"),
    ("bcutil-*", "org.bouncycastle"),
    ("checker-qual", "org.checkerframework"),
    ("commons-beanutils", "commons-beanutils"),
    ("commons-codec", "commons-codec"),
    ("commons-collections", "commons-collections"),
    ("commons-collections4", "org.apache.commons"),
    ("commons-compress", "org.apache.commons"),
    ("commons-dbcp2", "org.apache.commons"),
    ("commons-fileupload", "commons-fileupload"),
    ("commons-io", "commons-io"),
    ("commons-lang", "commons-lang"),
    ("commons-lang3", "org.apache.commons"),
    ("commons-logging", "commons-logging"),
    ("commons-math3", "org.apache.commons"),
    ("commons-net", "commons-net"),
    ("commons-pool2", "org.apache.commons"),
    ("commons-text", "org.apache.commons"),
    ("derby", "org.apache.derby"),
    ("dom4j", "org.dom4j"),
    ("ecj", "org.eclipse.jdt"),
    ("elasticsearch", "org.elasticsearch"),
    ("elasticsearch-*", "org.elasticsearch"),
    ("groovy", "org.apache.groovy"),
    ("groovy-*", "org.apache.groovy"),
    ("grpc-*", "io.grpc"),
    ("gson", "com.google.code.gson"),
    ("guava", "com.google.guava"),
    ("guice", "com.google.inject"),
    ("h2", "com.h2database"),
    ("hamcrest*", "org.hamcrest"),
    ("hibernate-core", "org.hibernate.orm"),
    ("hsqldb", "org.hsqldb"),
    ("icu4j", "com.ibm.icu"),
    ("jackson-annotations", "com.fasterxml.jackson.core"),
    ("jackson-core", "com.fasterxml.jackson.core"),
    ("jackson-databind", "com.fasterxml.jackson.core"),
    ("jackson-dataformat-*", "com.fasterxml.jackson.dataformat"),
    ("jackson-datatype-*", "com.fasterxml.jackson.datatype"),
    ("jackson-module-*", "com.fasterxml.jackson.module"),
    ("javassist", "org.javassist"),
    ("javax.inject", "javax.inject"),
    ("jcl-over-slf4j", "org.slf4j"),
    ("jna", "net.java.dev.jna"),
    ("jna-platform", "net.java.dev.jna"),
    ("joda-time", "joda-time"),
    ("jsch", "com.jcraft"),
    ("jsoup", "org.jsoup"),
    ("jsr305", "com.google.code.findbugs"),
    ("jul-to-slf4j", "org.slf4j"),
    ("junit", "junit"),
    ("junit-jupiter*", "org.junit.jupiter"),
    ("junit-platform-*", "org.junit.platform"),
    ("kafka-clients", "org.apache.kafka"),
    ("kafka-*", "org.apache.kafka"),
    ("kafka_*", "org.apache.kafka"),
    ("kotlin-*", "org.jetbrains.kotlin"),
    ("kotlinx-*", "org.jetbrains.kotlinx"),
    ("log4j", "log4j"),
    ("log4j-*", "org.apache.logging.log4j"),
    ("logback-*", "ch.qos.logback"),
    ("lombok", "org.projectlombok"),
    ("lucene-*", "org.apache.lucene"),
    ("lz4-java", "org.lz4"),
    ("micrometer-*", "io.micrometer"),
    ("micronaut-*", "io.micronaut"),
    ("mockito-*", "org.mockito"),
    ("mongodb-driver-*", "org.mongodb"),
    ("mssql-jdbc", "com.microsoft.sqlserver"),
    ("netty-*", "io.netty"),
    ("okhttp", "com.squareup.okhttp3"),
    ("okio*", "com.squareup.okio"),
    ("postgresql", "org.postgresql"),
    ("reactive-streams", "org.reactivestreams"),
    ("reactor-core", "io.projectreactor"),
    ("reactor-netty-*", "io.projectreactor.netty"),
    ("rocksdbjni", "org.rocksdb"),
    ("rxjava", "io.reactivex.rxjava3"),
    ("scala-compiler", "org.scala-lang"),
    ("scala-library", "org.scala-lang"),
    ("scala-reflect", "org.scala-lang"),
    ("slf4j-*", "org.slf4j"),
    ("snakeyaml", "org.yaml"),
    ("snappy-java", "org.xerial.snappy"),
    ("spring-aop", "org.springframework"),
    ("spring-aspects", "org.springframework"),
    ("spring-batch-*", "org.springframework.batch"),
    ("spring-beans", "org.springframework"),
    ("spring-boot", "org.springframework.boot"),
    ("spring-boot-*", "org.springframework.boot"),
    ("spring-cloud-*", "org.springframework.cloud"),
    ("spring-context", "org.springframework"),
    ("spring-context-*", "org.springframework"),
    ("spring-core", "org.springframework"),
    ("spring-data-*", "org.springframework.data"),
    ("spring-expression", "org.springframework"),
    ("spring-hateoas", "org.springframework.hateoas"),
    ("spring-instrument", "org.springframework"),
    ("spring-integration-*", "org.springframework.integration"),
    ("spring-jcl", "org.springframework"),
    ("spring-jdbc", "org.springframework"),
    ("spring-jms", "org.springframework"),
    ("spring-kafka", "org.springframework.kafka"),
    ("spring-ldap-core", "org.springframework.ldap"),
    ("spring-messaging", "org.springframework"),
    ("spring-orm", "org.springframework"),
    ("spring-oxm", "org.springframework"),
    ("spring-r2dbc", "org.springframework"),
    ("spring-security-*", "org.springframework.security"),
    ("spring-session-*", "org.springframework.session"),
    ("spring-test", "org.springframework"),
    ("spring-tx", "org.springframework"),
    ("spring-web", "org.springframework"),
    ("spring-webflux", "org.springframework"),
    ("spring-webmvc", "org.springframework"),
    ("spring-websocket", "org.springframework"),
    ("sqlite-jdbc", "org.xerial"),
    ("tomcat-*", "org.apache.tomcat"),
    ("tomcat-embed-*", "org.apache.tomcat.embed"),
    ("wsdl4j", "wsdl4j"),
    ("xercesImpl", "xerces"),
    ("xml-apis", "xml-apis"),
    ("zookeeper", "org.apache.zookeeper"),
    ("zstd-jni", "com.github.luben"),
];

/// The group of an artefact that everybody knows. For ids that changed their group, the one of the newer
/// versions.
pub(in super::super) fn group_of(artifact: &str) -> Option<&'static str> {
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(beginning) => artifact.starts_with(beginning),
        None => artifact == pattern,
    };
    let fitting = GROUPS.iter().filter(|(pattern, _)| fits(pattern));
    fitting.max_by_key(|(pattern, _)| (!pattern.ends_with('*'), pattern.len())).map(|(_, group)| *group)
}

/// `org/apache/commons/lang3` is most often of `org.apache.commons`, and `org/yaml/snakeyaml` of `org.yaml`.
pub(in super::super) fn group_of_folder(folder: &str, artifact: &str) -> Option<String> {
    let parts: Vec<&str> = folder.split('/').take(3).collect();
    let parts = match parts.as_slice() {
        [parts @ .., last] if parts.len() == 2 && *last == artifact => parts,
        parts => parts,
    };
    let group = parts.join(".");
    (parts.len() >= 2 && is_plain(&group)).then_some(group)
}

/// Name and version of `name-1.2.3`: the version begins at the first digit behind a hyphen.
pub(in super::super) fn split_name(stem: &str) -> (&str, Option<&str>) {
    let version = stem.match_indices(['-', '_']).find(|(at, mark)| {
        let rest = &stem[at + 1..];
        let number = rest.strip_prefix(['v', 'r']).unwrap_or(rest);
        number.starts_with(|first: char| first.is_ascii_digit())
            && !rest.ends_with(".x")
            && !(*mark == "_" && is_of_scala(rest))
    });
    match version {
        Some((at, _)) => (&stem[..at], Some(&stem[at + 1..])),
        None => (
            stem.strip_suffix(".x").and_then(|stem| stem.rsplit_once('-')).map_or(stem, |(name, _)| name),
            None,
        ),
    }
}

/// `2.12-3.5.0` of `spark-core_2.12-3.5.0`: the release of Scala that it was built for is a part of an artefact's name.
///
/// <https://docs.scala-lang.org/overviews/core/binary-compatibility-of-scala-releases.html>
fn is_of_scala(rest: &str) -> bool {
    let Some((series, version)) = rest.split_once('-') else { return false };
    let is_series = match series.strip_prefix("2.") {
        Some(minor) => matches!(minor.len(), 1 | 2) && minor.bytes().all(|digit| digit.is_ascii_digit()),
        None => series == "3",
    };
    is_series && version.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_that_fits_is_right() {
        assert_eq!(group_of("spring-boot-starter"), Some("org.springframework.boot"));
        assert_eq!(group_of("tomcat-embed-core"), Some("org.apache.tomcat.embed"));
        assert_eq!(group_of("tomcat-jdbc"), Some("org.apache.tomcat"));
        assert_eq!(group_of("log4j"), Some("log4j"));
        assert_eq!(group_of("unheard-of"), None);
    }

    #[test]
    fn a_version_begins_at_a_digit_behind_a_hyphen() {
        assert_eq!(split_name("commons-lang3-3.12.0"), ("commons-lang3", Some("3.12.0")));
        assert_eq!(split_name("odd_1.2.3.v2020"), ("odd", Some("1.2.3.v2020")));
        assert_eq!(split_name("guava-r09"), ("guava", Some("r09")));
        assert_eq!(split_name("spring3-core-3.x"), ("spring3-core", None));
        assert_eq!(split_name("-1"), ("", Some("1")));
        assert_eq!(split_name(""), ("", None));
    }

    #[test]
    fn a_folder_of_classes_hints_at_a_group() {
        assert_eq!(
            group_of_folder("org/apache/commons/lang3/time", "commons-lang3").as_deref(),
            Some("org.apache.commons")
        );
        assert_eq!(group_of_folder("org/yaml/snakeyaml", "snakeyaml").as_deref(), Some("org.yaml"));
        assert_eq!(group_of_folder("kotlin", "kotlin"), None);
    }

    #[test]
    fn no_artefact_is_listed_twice() {
        let mut names: Vec<_> = GROUPS.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), GROUPS.len());
    }

    #[test]
    fn versions_are_told_from_names() {
        assert_eq!(split_name("guava-31.1-jre"), ("guava", Some("31.1-jre")));
        assert_eq!(split_name("odd_1.2.3"), ("odd", Some("1.2.3")));
        assert_eq!(split_name("spring3.x"), ("spring3.x", None));
        assert_eq!(split_name("spark-core_2.12-3.5.0"), ("spark-core_2.12", Some("3.5.0")));
        assert_eq!(split_name("json4s-ast_2.12-3.7.0-M11"), ("json4s-ast_2.12", Some("3.7.0-M11")));
        assert_eq!(split_name("cats-core_3-2.9.0"), ("cats-core_3", Some("2.9.0")));
        assert_eq!(split_name("odd_2.12-beta"), ("odd", Some("2.12-beta")));
        assert_eq!(split_name("odd_2.12.1-3"), ("odd", Some("2.12.1-3")));
    }
}
