using GpuMem.Api.ModelServers;

namespace GpuMem.Api.Cluster;

/// <summary>Drops what nobody reads of a ModelServer, as <see cref="JobTrim"/> does of a TrainingJob.</summary>
internal static class ServerTrim
{
    public static ModelServer Trim(ModelServer server)
    {
        server.Metadata.Annotations = null;
        foreach (var condition in server.Status?.Conditions ?? [])
            if (condition.Message == server.Status!.Message)
                condition.Message = server.Status.Message;
        return server;
    }
}
