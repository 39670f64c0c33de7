#!/usr/bin/env bash
# A kubeconfig's exec plugin is run twice before the first call, and told another kind and mode than kubectl tells it.
#
# Guess:     the plugin runs once, its token is used until it expires, and KUBERNETES_EXEC_INFO has kind ExecCredential and, as
#            interactiveMode is Never, interactive false.
# Package:   KubernetesClient 21.0.8
# Behaviour: it runs when the file is loaded and again with the first call, so that somebody who logs in by device code does so twice.
#            The kind is ExecCredentials, which a plugin that decodes strictly refuses.
# Seen:
# | loaded, runs: 1
# | after two calls, runs: 2
# | {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredentials","spec":{"interactive":true}}
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/finding.csproj" <<'END'
<Project Sdk="Microsoft.NET.Sdk.Web">
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
using k8s;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
await using var server = builder.Build();
server.Urls.Add("http://127.0.0.1:0");
server.Run(request =>
{
    request.Response.ContentType = "application/json";
    return request.Response.WriteAsync("""{"major":"1","minor":"36","gitVersion":"v1.36.2"}""");
});
await server.StartAsync();

var folder = AppContext.BaseDirectory;
var plugin = Path.Combine(folder, "plugin");
File.WriteAllText(plugin, """
    #!/bin/sh
    echo "$KUBERNETES_EXEC_INFO" >>"$(dirname "$0")/runs"
    echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t","expirationTimestamp":"2126-01-01T00:00:00Z"}}'
    """);
File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
File.WriteAllText(Path.Combine(folder, "config"), $$$"""
    apiVersion: v1
    kind: Config
    current-context: c
    clusters:
    - {name: c, cluster: {server: "{{{server.Urls.First()}}}"}}
    users:
    - name: me
      user:
        exec:
          apiVersion: client.authentication.k8s.io/v1
          command: {{{plugin}}}
          interactiveMode: Never
    contexts:
    - {name: c, context: {cluster: c, user: me}}
    """);
var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(Path.Combine(folder, "config"));
Console.WriteLine($"loaded, runs: {Runs().Length}");
using var client = new Kubernetes(configuration);
await client.Version.GetCodeAsync();
await client.Version.GetCodeAsync();
Console.WriteLine($"after two calls, runs: {Runs().Length}");
Console.WriteLine(Runs()[0]);

string[] Runs() => File.ReadAllLines(Path.Combine(folder, "runs"));
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
