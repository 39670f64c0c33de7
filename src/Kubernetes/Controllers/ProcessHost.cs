using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace GpuMem.Kubernetes.Controllers;

/// <summary>What the processes of an operator have in common.</summary>
public static class ProcessHost
{
    /// <summary>
    /// A host that serves HTTP and ends with SIGTERM, and nothing else. The defaults of ASP.NET Core would read settings from files and environment
    /// variables that we do not document, and start a thread to watch those files.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(Action<ILoggingBuilder> logging)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddLogging(logging);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore();
        return builder;
    }
}
