#!/usr/bin/env bash
# A list whose body hangs after its headers outlives the client's timeout and the caller's cancellation token.
#
# Guess:     HttpClientTimeout of one second, or at the latest the token that is cancelled after two, ends the call.
# Package:   KubernetesClient 21.0.8
# Behaviour: both end with the headers; the body is read synchronously, for as long as the server takes.
# Seen:
# | neither the timeout nor the token ended the call; the server did, after 5 s
# | 0 pods
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
var ended = new TaskCompletionSource();
server.Run(async request =>
{
    request.Response.ContentType = "application/json";
    await request.Response.WriteAsync("""{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[""");
    await request.Response.Body.FlushAsync();
    await Task.Delay(TimeSpan.FromSeconds(5));
    ended.SetResult();
    await request.Response.WriteAsync("]}");
});
await server.StartAsync();

using var client = new Kubernetes(new KubernetesClientConfiguration { Host = server.Urls.First(), HttpClientTimeout = TimeSpan.FromSeconds(1) });
using var cancelled = new CancellationTokenSource(TimeSpan.FromSeconds(2));
try
{
    var pods = await client.CoreV1.ListNamespacedPodAsync("default", cancellationToken: cancelled.Token);
    Console.WriteLine(ended.Task.IsCompleted ? "neither the timeout nor the token ended the call; the server did, after 5 s" : "the call ended first");
    Console.WriteLine($"{pods.Items.Count} pods");
}
catch (OperationCanceledException)
{
    Console.WriteLine("cancelled");
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
