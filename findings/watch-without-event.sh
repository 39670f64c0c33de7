#!/usr/bin/env bash
# A watch in which nothing happens ends with an exception.
#
# Guess:     a watch that the server ends after timeoutSeconds, as it was asked to, ends normally, whether anything happened or not.
# Package:   KubernetesClient 21.0.8
# Behaviour: opening a watch waits for its first event; where there was none `await foreach` throws, and only there.
# Seen:
# | Added a
# | one event: ended without an exception
# | no event: HttpRequestException <- EndOfStreamException
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
server.Run(async request =>
{
    await request.Response.StartAsync();
    if (request.Request.Path.Value!.Contains("busy"))
        await request.Response.WriteAsync("""{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}}""" + "\n");
    await Task.Delay(TimeSpan.FromSeconds(1));
});
await server.StartAsync();

using var client = new Kubernetes(new KubernetesClientConfiguration { Host = server.Urls.First() });
await WatchAsync("busy", "one event");
await WatchAsync("quiet", "no event");

async Task WatchAsync(string space, string what)
{
    try
    {
        await foreach (var (type, pod) in client.CoreV1.WatchListNamespacedPodAsync(space, timeoutSeconds: 1))
            Console.WriteLine($"{type} {pod.Name()}");
        Console.WriteLine($"{what}: ended without an exception");
    }
    catch (Exception ended)
    {
        Console.WriteLine($"{what}: {ended.GetType().Name} <- {ended.InnerException?.GetType().Name}");
    }
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
