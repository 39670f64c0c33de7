using System.Diagnostics;
using GpuMem.TestKit;

namespace GpuMem.Image.Tests;

/// <summary>
/// The image's entry point, run as the chart's pods run it: in its own file system, which is read-only, as the image's user without any
/// capability, with the image's environment and no other. /tmp holds what the test puts there, as a volume would. That needs user
/// namespaces and no root; whoever starts the test stands for the image's user, so file modes are looked at on their own.
/// </summary>
internal static class Container
{
    private const string Start = """
        set -e
        root=$1 volume=$2 user=$3 environment=$4
        shift 4
        mount --bind "$root" "$root"
        mount --rbind /proc "$root/proc"
        mount --rbind /dev "$root/dev"
        [ -z "$volume" ] || mount --bind "$volume" "$root/tmp"
        [ -z "$volume" ] || mount -o remount,bind,ro "$root/tmp"
        mount -o remount,bind,ro "$root"
        exec env --ignore-environment $environment "$(command -v unshare)" --user --map-user="${user%:*}" --map-group="${user#*:}" \
          --root="$root" --wd=/ "$@"
        """;

    public static Task<(int ExitCode, string Output, string Error)> RunAsync(UnpackedImage image, string? volume, params IEnumerable<string> args)
    {
        var (program, arguments) = Command(image, volume, args);
        return Script.RunAsync(program, arguments);
    }

    /// <summary>Every step replaces the one before, so that to kill this process is to kill gpumem.</summary>
    public static Process Launch(UnpackedImage image, string? volume, params IEnumerable<string> args)
    {
        var (program, arguments) = Command(image, volume, args);
        return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
    }

    private static (string Program, IEnumerable<string> Args) Command(UnpackedImage image, string? volume, IEnumerable<string> args)
    {
        var config = image.Config["config"]!;
        IEnumerable<string> Words(string name) => config[name]!.AsArray().Select(word => (string)word!);
        return ("unshare", [
            "--user", "--map-root-user", "--mount", "bash", "-c", Start, "container",
            image.Root, volume ?? "", (string)config["User"]!, string.Join(' ', Words("Env")), .. Words("Entrypoint"), .. args]);
    }
}
