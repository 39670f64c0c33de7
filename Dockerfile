# The image of hack/image.sh, for those who would rather have an engine make it: the same script, run in Debian, and its file system.
#
#   docker build -t docker.io/gpumem/gpumem:0.1.0 .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS sdk

FROM debian:12 AS build
COPY --from=sdk /usr/share/dotnet /usr/share/dotnet
ENV PATH=$PATH:/usr/share/dotnet DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates clang git libssl3 lld zlib1g-dev
COPY . /src
RUN /src/hack/image.sh

FROM scratch
LABEL org.opencontainers.image.title=gpumem org.opencontainers.image.version=0.1.0 org.opencontainers.image.licenses=Apache-2.0 \
  org.opencontainers.image.base.name=scratch \
  org.opencontainers.image.description="Says before a GPU job starts whether it fits into GPU memory, on which pool and on how many GPUs."
COPY --from=build /src/artifacts/image/root/ /
ENV PATH=/ SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
WORKDIR /
USER 65532:65532
ENTRYPOINT ["/gpumem"]
