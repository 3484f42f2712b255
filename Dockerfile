# The image with nothing in it but packlist. For `docker buildx build --sbom=generator=IMAGE` it is the scanner: without
# arguments, and with the variables that BuildKit sets, packlist writes what BuildKit asks for.
FROM rust:1-bookworm AS build
COPY . /packlist
WORKDIR /packlist
RUN .ci/release && cp target/*/release/packlist /usr/local/bin/packlist

FROM scratch
COPY --from=build /usr/local/bin/packlist /bin/packlist
ENTRYPOINT ["/bin/packlist"]
