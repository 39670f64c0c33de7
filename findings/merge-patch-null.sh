#!/usr/bin/env bash
# A null in an anonymous object's merge patch is not sent: what should go stays.
#
# Guess:     new { labels = new { gone = (string)null } } is sent as it is written: in a merge patch null means remove.
# Package:   KubernetesClient 21.0.8
# Behaviour: members that are null are left out of an anonymous object, but a dictionary's are sent. The server answers 200 to both and
#            keeps the label in the first case.
# Seen:
# | anonymous object: {"metadata":{"labels":{}}}
# | dictionary:       {"metadata":{"labels":{"gone":null}}}
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
using k8s.Models;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
await using var server = builder.Build();
server.Urls.Add("http://127.0.0.1:0");
var body = "";
server.Run(async request =>
{
    body = await new StreamReader(request.Request.Body).ReadToEndAsync();
    request.Response.ContentType = "application/json";
    await request.Response.WriteAsync("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}""");
});
await server.StartAsync();

using var client = new Kubernetes(new KubernetesClientConfiguration { Host = server.Urls.First() });
await PatchAsync(new { metadata = new { labels = new { gone = (string)null } } });
Console.WriteLine($"anonymous object: {body}");
await PatchAsync(new { metadata = new { labels = new Dictionary<string, string> { ["gone"] = null } } });
Console.WriteLine($"dictionary:       {body}");

Task PatchAsync(object patch) => client.CoreV1.PatchNamespacedPodAsync(new V1Patch(patch, V1Patch.PatchType.MergePatch), "a", "default");
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
