using System.Net.Sockets;

namespace GpuMem.Kubernetes.Informers;

/// <summary>What a failed call means, in few words.</summary>
internal static class Failure
{
    /// <summary>Nobody answered, as opposed to an answer that says no.</summary>
    internal static bool IsUnreachable(Exception failure) => failure is HttpRequestException or IOException or TimeoutException;

    internal static string Describe(Exception failure)
    {
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
                return socket.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused" : socket.Message;
            if (cause is System.Security.Authentication.AuthenticationException)
                return cause.Message;
        }

        return failure.Message;
    }
}
