#!/usr/bin/env bash
# A server that never answers does not open the circuit.
#
# Guess:     calls that HttpClient.Timeout ends are failures: with MinimumThroughput 2 the third finds the circuit open.
# Package:   Polly.Core 8.9.1
# Behaviour: they count as successes, as their TaskCanceledException is not handled by default. Five calls into a server that hangs leave
#            the circuit closed; they even make up for real failures in the failure ratio.
# Seen:
# | 5 of 5 calls reached a server that never answers; the circuit is Closed
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
using Polly.CircuitBreaker;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
await using var server = builder.Build();
server.Urls.Add("http://127.0.0.1:0");
server.Run(request => Task.Delay(Timeout.Infinite, request.RequestAborted));
await server.StartAsync();

var state = new CircuitBreakerStateProvider();
var breaker = new ResiliencePipelineBuilder()
    .AddCircuitBreaker(new CircuitBreakerStrategyOptions { MinimumThroughput = 2, StateProvider = state })
    .Build();
using var client = new HttpClient { Timeout = TimeSpan.FromMilliseconds(500) };
var reached = 0;
for (var call = 0; call < 5; call++)
{
    try
    {
        await breaker.ExecuteAsync(async cancellation =>
        {
            reached++;
            await client.GetAsync(server.Urls.First(), cancellation);
        });
    }
    catch (Exception)
    {
    }
}

Console.WriteLine($"{reached} of 5 calls reached a server that never answers; the circuit is {state.CircuitState}");
END

NUGET_PACKAGES="$work/packages" dotnet build "$work" --output "$work/out" --nologo --verbosity quiet --disable-build-servers >"$work/log" || { cat "$work/log"; exit 2; }
dotnet "$work/out/finding.dll" | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
