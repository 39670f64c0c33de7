#!/usr/bin/env bash
# A retry does not repeat a call that HttpClient.Timeout ended.
#
# Guess:     a retry with default options repeats whatever fails for the network's sake, and a call that took too long first of all.
# Package:   Polly.Core 8.9.1
# Behaviour: HttpClient.Timeout throws a TaskCanceledException, which the default takes for the caller's own cancellation: one call.
#            Polly's own timeout throws a TimeoutRejectedException: three.
# Seen:
# | HttpClient.Timeout: TaskCanceledException after 1 call(s)
# | Polly's timeout: TimeoutRejectedException after 3 call(s)
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
    <PackageReference Include="Polly.Core" Version="[8.9.1]" />
  </ItemGroup>
</Project>
END

cat >"$work/Program.cs" <<'END'
using Polly;
using Polly.Retry;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
await using var server = builder.Build();
server.Urls.Add("http://127.0.0.1:0");
server.Run(request => Task.Delay(System.Threading.Timeout.Infinite, request.RequestAborted));
await server.StartAsync();

var timeout = TimeSpan.FromMilliseconds(500);
var retry = new RetryStrategyOptions { MaxRetryAttempts = 2, Delay = TimeSpan.Zero };
using var impatient = new HttpClient { Timeout = timeout };
using var patient = new HttpClient();
await CallAsync("HttpClient.Timeout", impatient, new ResiliencePipelineBuilder().AddRetry(retry).Build());
await CallAsync("Polly's timeout", patient, new ResiliencePipelineBuilder().AddRetry(retry).AddTimeout(timeout).Build());

async Task CallAsync(string what, HttpClient client, ResiliencePipeline pipeline)
{
    var calls = 0;
    try
    {
        await pipeline.ExecuteAsync(async cancellation =>
        {
            calls++;
            await client.GetAsync(server.Urls.First(), cancellation);
        });
    }
    catch (Exception failed)
    {
        Console.WriteLine($"{what}: {failed.GetType().Name} after {calls} call(s)");
    }
}
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
