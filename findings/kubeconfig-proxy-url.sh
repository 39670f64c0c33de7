#!/usr/bin/env bash
# A kubeconfig's proxy-url is passed over in silence.
#
# Guess:     calls go through the proxy that the cluster's entry names, as with kubectl.
# Package:   KubernetesClient 21.0.8
# Behaviour: the server is called directly; nothing says that a member of the file was not understood.
# Seen:
# | calls to the server: 1, to the proxy: 0
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

var direct = await ServeAsync();
var proxy = await ServeAsync();
var path = Path.Combine(AppContext.BaseDirectory, "config");
File.WriteAllText(path, $$$"""
    apiVersion: v1
    kind: Config
    current-context: c
    clusters:
    - {name: c, cluster: {server: "{{{direct.Url}}}", proxy-url: "{{{proxy.Url}}}"}}
    users:
    - {name: me, user: {token: t}}
    contexts:
    - {name: c, context: {cluster: c, user: me}}
    """);
using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(path));
await client.Version.GetCodeAsync();
Console.WriteLine($"calls to the server: {direct.Calls()}, to the proxy: {proxy.Calls()}");

static async Task<(string Url, Func<int> Calls)> ServeAsync()
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    var server = builder.Build();
    server.Urls.Add("http://127.0.0.1:0");
    var calls = 0;
    server.Run(request =>
    {
        calls++;
        request.Response.ContentType = "application/json";
        return request.Response.WriteAsync("""{"major":"1","minor":"36","gitVersion":"v1.36.2"}""");
    });
    await server.StartAsync();
    return (server.Urls.First(), () => calls);
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
