#!/usr/bin/env bash
# A relative certificate path in the second file of KUBECONFIG is looked for beside the first.
#
# Guess:     ca.pem is looked for in the folder of the file that names it, as kubectl does.
# Package:   KubernetesClient 21.0.8
# Behaviour: every relative path is resolved against the folder of the first file. Where that has a file of the same name, its
#            certificate is taken.
# Seen:
# | CN=beside the first file
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/finding.csproj" <<'END'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="KubernetesClient" Version="[21.0.8]" />
  </ItemGroup>
</Project>
END

cat >"$work/Program.cs" <<'END'
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s;

var folder = args[0];
Write("one", """
    apiVersion: v1
    kind: Config
    current-context: c
    """, "CN=beside the first file");
Write("two", """
    apiVersion: v1
    kind: Config
    clusters:
    - {name: c, cluster: {server: https://cluster.example, certificate-authority: ca.pem}}
    users:
    - {name: me, user: {token: t}}
    contexts:
    - {name: c, context: {cluster: c, user: me}}
    """, "CN=beside the second file");
Console.WriteLine(KubernetesClientConfiguration.BuildDefaultConfig().SslCaCerts[0].Subject);

void Write(string name, string config, string authority)
{
    Directory.CreateDirectory(Path.Combine(folder, name));
    File.WriteAllText(Path.Combine(folder, name, "config"), config);
    using var key = ECDsa.Create();
    var request = new CertificateRequest(authority, key, HashAlgorithmName.SHA256);
    using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
    File.WriteAllText(Path.Combine(folder, name, "ca.pem"), certificate.ExportCertificatePem());
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
KUBECONFIG="$work/one/config:$work/two/config" dotnet "$work/out/finding.dll" "$work" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
